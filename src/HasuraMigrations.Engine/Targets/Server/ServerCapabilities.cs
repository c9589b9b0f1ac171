namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>What a server was found to be.</summary>
/// <param name="Version">What it says of itself, such as <c>v2.48.1</c>; null where it says nothing.</param>
/// <param name="MetadataVersion">Version of the metadata it exports: 3 for servers of version 2.</param>
public sealed record ServerCapabilities(string? Version, int MetadataVersion)
{
    /// <summary>True where metadata has an API of its own, a resource version, and a catalog state: servers of version 2.</summary>
    public bool HasMetadataApi => MetadataVersion == 3;
}
