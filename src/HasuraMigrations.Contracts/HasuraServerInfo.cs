namespace HasuraMigrations;

/// <summary>What a Hasura server is, and how it does.</summary>
public sealed class HasuraServerInfo
{
    /// <summary>The URL.</summary>
    public required string Endpoint { get; init; }

    /// <summary>True where it answers as a Hasura server and its metadata database works.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Version as the server tells it; null where it does not.</summary>
    public string? Version { get; init; }

    /// <summary>Metadata version: 3 for servers of version 2; null where it is not ready.</summary>
    public int? MetadataVersion { get; init; }

    /// <summary>Whether the metadata fits the databases; null where that is not known.</summary>
    public bool? IsConsistent { get; init; }

    /// <summary>The objects that do not fit.</summary>
    public IReadOnlyList<MetadataInconsistency> Inconsistencies { get; init; } = [];

    /// <summary>Why it is not ready; null where it is.</summary>
    public string? Problem { get; init; }
}
