namespace HasuraMigrations.Engine.Migrations;

/// <summary>Where Hasura keeps its own record of applied versions.</summary>
public enum StateStoreKind
{
    /// <summary>There is none: no Hasura was here yet.</summary>
    None,

    /// <summary><c>hdb_catalog.schema_migrations</c> in the target database (config versions 1 and 2).</summary>
    Table,

    /// <summary><c>hdb_catalog.hdb_version.cli_state</c> in the metadata database (config version 3).</summary>
    Catalog,
}

/// <summary>Hasura's own record of applied versions, as read.</summary>
public sealed record StateSnapshot
{
    /// <summary>Which store.</summary>
    public required StateStoreKind Kind { get; init; }

    /// <summary>True where the store lies in the target database, so that it is written in the same transaction.</summary>
    public bool IsInTargetDatabase { get; init; }

    /// <summary>Source name in a catalog state; empty for a table.</summary>
    public string Source { get; init; } = "";

    /// <summary>The <c>hasura_uuid</c> of the catalog; null for a table.</summary>
    public Guid? InstanceId { get; init; }

    /// <summary>Recorded versions with their dirty flags.</summary>
    public IReadOnlyDictionary<long, bool> Versions { get; init; } = new Dictionary<long, bool>();

    /// <summary>False where Hasura's <c>migration_mode</c> setting forbids migrations.</summary>
    public bool IsMigrationModeOn { get; init; } = true;

    /// <summary>What is said where migrations are off.</summary>
    internal const string ModeOff = "Hasura's setting migration_mode is off.";

    /// <summary>Refuses work on migrations that Hasura's CLI refuses while they are off: to apply, to squash and to delete.</summary>
    /// <param name="database">Source name, for the error.</param>
    /// <exception cref="HasuraMigrationException">MigrationModeOff.</exception>
    internal void RequireMigrationMode(string database)
    {
        if (!IsMigrationModeOn)
        {
            throw new HasuraMigrationException("MigrationModeOff", ModeOff, database);
        }
    }

    /// <summary>True where versions come from an old table, because they were not copied into the catalog state for this database.</summary>
    public bool IsCopyPending { get; init; }

    /// <summary>
    /// True where no store is known and the versions come from an old table in the target, which then is kept up to date: otherwise
    /// versions that are rolled back would count as applied again.
    /// </summary>
    public bool FollowsTable { get; init; }

    /// <summary>True where the store has no entry for the source at all: no table, or no key.</summary>
    public bool IsMissing { get; init; }

    /// <summary>
    /// True for a version that this very store was told of and has no more, although it has an entry for the source: it was
    /// rolled back elsewhere, or an older state was written over it.
    /// </summary>
    public bool HasForgotten(HistoryRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Kind != StateStoreKind.None && !IsMissing && row is { IsRunning: false, Direction: MigrationDirection.Up } && row.Mirror == AsMirror() && !Versions.ContainsKey(row.Version);
    }

    /// <summary>The mirror note for history rows that this store was told about; null without a store.</summary>
    public StateMirror? AsMirror() => Kind == StateStoreKind.None ? null : new StateMirror(Kind, Source, InstanceId);
}
