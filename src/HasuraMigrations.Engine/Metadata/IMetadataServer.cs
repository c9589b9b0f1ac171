namespace HasuraMigrations.Engine.Metadata;

/// <summary>A place of metadata that checks it against the databases: a running server.</summary>
public interface IMetadataServer : IMetadataTarget
{
    /// <summary>Makes the server read databases and remote schemas again.</summary>
    /// <exception cref="HasuraMigrationException">The errors of servers.</exception>
    Task<MetadataConsistency> ReloadAsync(MetadataReloadOptions options, CancellationToken cancellationToken);

    /// <summary>Removes everything; the source <c>default</c> keeps its configuration.</summary>
    /// <param name="expectedToken">The token of the snapshot that was looked at; null to clear what is there now.</param>
    /// <param name="cancellationToken">Ends the waiting, not the work of the server.</param>
    /// <exception cref="HasuraMigrationException">MetadataConflict, ServerOutcomeUnknown, and the errors of servers.</exception>
    Task<MetadataReplaced> ClearAsync(string? expectedToken, CancellationToken cancellationToken);
}

/// <summary>What a server reads again.</summary>
public sealed record MetadataReloadOptions
{
    /// <summary>Databases.</summary>
    public MetadataReloadScope Sources { get; init; } = MetadataReloadScope.All;

    /// <summary>Remote schemas.</summary>
    public MetadataReloadScope RemoteSchemas { get; init; } = MetadataReloadScope.All;

    /// <summary>Sources whose SQL triggers of event triggers are made anew; servers before 2.1 pass over it.</summary>
    public MetadataReloadScope EventTriggers { get; init; } = MetadataReloadScope.None;
}

/// <summary>Which of several things of a kind.</summary>
public sealed record MetadataReloadScope
{
    private MetadataReloadScope(bool isAll, IReadOnlyList<string> names) => (IsAll, Names) = (isAll, names);

    /// <summary>Every one.</summary>
    public static MetadataReloadScope All { get; } = new(true, []);

    /// <summary>None.</summary>
    public static MetadataReloadScope None { get; } = new(false, []);

    /// <summary>True for every one.</summary>
    public bool IsAll { get; }

    /// <summary>Those of the names; empty for all and none.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Those of the names.</summary>
    public static MetadataReloadScope Of(IEnumerable<string> names) => new(false, [.. names]);
}
