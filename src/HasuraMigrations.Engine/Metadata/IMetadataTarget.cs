using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>A place where Hasura keeps its metadata.</summary>
public interface IMetadataTarget : IAsyncDisposable
{
    /// <summary>User, host, port and database, for messages; no secret.</summary>
    string Description { get; }

    /// <summary>Reads the document; writes nothing. Where Hasura never was, the snapshot does not exist and is empty.</summary>
    /// <exception cref="HasuraMigrationException">MetadataStoreUnsupported, PermissionMissing, and the errors of connections.</exception>
    Task<MetadataSnapshot> ExportAsync(CancellationToken cancellationToken);

    /// <summary>Which place it is: the same text for one place, whoever connects and however it is named. Writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">The errors of connections.</exception>
    Task<string> ReadIdentityAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the document where it still is the one that was read; all or nothing.</summary>
    /// <exception cref="HasuraMigrationException">MetadataConflict where somebody else wrote in between; MetadataSideEffects;
    /// MetadataInconsistent; MetadataInvalid; MetadataVersionMismatch; MetadataNotStorable; MetadataStoreMissing; StateStoreExists.</exception>
    Task<MetadataReplaced> ReplaceAsync(MetadataDocument document, MetadataReplaceOptions options, CancellationToken cancellationToken);

    /// <summary>Carries out a command of Hasura's API.</summary>
    /// <param name="body">An object with <c>type</c> and mostly <c>args</c>.</param>
    /// <param name="cancellationToken">Stops it, or on a server ends the waiting.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="HasuraMigrationException">MetadataInputInvalid, MetadataCommandRefused, and the errors of servers.</exception>
    Task<JsonNode?> ExecuteAsync(JsonObject body, CancellationToken cancellationToken);

    /// <summary>Makes running servers read everything again.</summary>
    Task ReloadAsync(CancellationToken cancellationToken);

    /// <summary>What does not fit the databases, as far as it can be looked up here. Writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">The errors of connections and servers.</exception>
    Task<MetadataConsistency> ReadConsistencyAsync(CancellationToken cancellationToken);

    /// <summary>Removes every object that does not fit.</summary>
    /// <exception cref="HasuraMigrationException">MetadataStoreMissing, MetadataCommandRefused, and the errors of connections and servers.</exception>
    Task DropInconsistenciesAsync(CancellationToken cancellationToken);

    /// <summary>The GraphQL schemas of its roles: computed of the metadata and the databases of a store, asked for from a server. Writes nothing.</summary>
    /// <param name="settings">Settings of the servers of a store; a server knows its own.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">MetadataStoreMissing, and the errors of connections and servers.</exception>
    Task<IApiSchemas> ReadApiAsync(ApiSettings settings, CancellationToken cancellationToken);

    /// <summary>Waits until no other release of the metadata is going on, and keeps others from beginning until the result is disposed.</summary>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="waiting">Is told once whom it waits for.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The lock; null where the place has none, as a server.</returns>
    /// <exception cref="HasuraMigrationException">LockTimeout, with the holder; the errors of connections.</exception>
    Task<IAsyncDisposable?> LockReleaseAsync(TimeSpan timeout, Action<Finding> waiting, CancellationToken cancellationToken);
}

/// <summary>What was found when metadata was compared with its databases.</summary>
/// <param name="IsConsistent">True where everything fits; null where a database is not known here, or there is no metadata.</param>
/// <param name="Inconsistencies">What does not.</param>
public sealed record MetadataConsistency(bool? IsConsistent, IReadOnlyList<MetadataInconsistency> Inconsistencies)
{
    /// <summary>Sources whose databases are not known here, so that nothing is said of them.</summary>
    public IReadOnlyList<string> UnknownSources { get; init; } = [];
}

/// <summary>The metadata of a target as it was read.</summary>
/// <param name="Document">The document as the store holds it; of an empty store, an empty one.</param>
/// <param name="ResourceVersion">Number that grows with every write; null for a version 1 catalog, which has none.</param>
/// <param name="Token">What a later write must find unchanged: the resource version, or a hash of the rows.</param>
/// <param name="Exists">False where the target has no store yet; the document is empty then.</param>
public sealed record MetadataSnapshot(MetadataDocument Document, long? ResourceVersion, string Token, bool Exists = true);

/// <summary>How a document is replaced.</summary>
public sealed record MetadataReplaceOptions
{
    /// <summary>The token of the snapshot that the new document was made from; null to write without looking.</summary>
    public string? ExpectedToken { get; init; }

    /// <summary>Stores only: what a server would do in databases is left undone, and the answer lists it.</summary>
    public bool SkipSideEffects { get; init; }

    /// <summary>The document is what is left after clearing: what a server cleans up beside, is cleaned up.</summary>
    public bool IsClearing { get; init; }

    /// <summary>Makes the store where Hasura never was.</summary>
    public bool CreateStateStore { get; init; }

    /// <summary>Does not tell running servers.</summary>
    public bool NoReload { get; init; }

    /// <summary>Writes although objects do not fit the databases, where the target looks.</summary>
    public bool AllowInconsistent { get; init; }

    /// <summary>Writes without comparing with the databases; a server compares nevertheless.</summary>
    public bool SkipConsistencyCheck { get; init; }

    /// <summary>The target may take the document over, change it and forget its places: a copy of a large one is much to hold.</summary>
    public bool TakesDocument { get; init; }
}

/// <summary>What became of a write.</summary>
/// <param name="ResourceVersion">The new number; null for a version 1 catalog.</param>
/// <param name="Token">What the next write must find unchanged.</param>
/// <param name="EffectsNotDone">What a server would have done and was skipped, in sentences.</param>
/// <param name="IsConsistent">Whether the document is consistent with the databases; null where one of them is not known here.</param>
public sealed record MetadataReplaced(long? ResourceVersion, string Token, IReadOnlyList<string> EffectsNotDone, bool? IsConsistent)
{
    /// <summary>The objects that do not fit; empty where that was not checked.</summary>
    public IReadOnlyList<MetadataInconsistency> Inconsistencies { get; init; } = [];

    /// <summary>What was written nevertheless and may not work as expected.</summary>
    public IReadOnlyList<Finding> Warnings { get; init; } = [];
}
