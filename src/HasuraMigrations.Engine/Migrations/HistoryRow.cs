namespace HasuraMigrations.Engine.Migrations;

/// <summary>What the history of a database says about one version.</summary>
public sealed record HistoryRow
{
    /// <summary>Version number.</summary>
    public required long Version { get; init; }

    /// <summary>Name at the time.</summary>
    public required string Name { get; init; }

    /// <summary>Up for an applied version; Down for one being rolled back, or rolled back and not yet told to the state store.</summary>
    public required MigrationDirection Direction { get; init; }

    /// <summary>True while a run without a transaction is in the middle of it, or was interrupted there.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>SHA-256 in hex by file name (<c>up.sql</c>, ...).</summary>
    public required IReadOnlyDictionary<string, string> Checksums { get; init; }

    /// <summary>True where the checksums were taken from the files at adoption, not at applying.</summary>
    public bool IsChecksumAssumed { get; init; }

    /// <summary>When it was recorded.</summary>
    public DateTimeOffset AppliedAt { get; init; }

    /// <summary>Role and host that recorded it.</summary>
    public string AppliedBy { get; init; } = "";

    /// <summary>Who recorded it.</summary>
    public MigrationOrigin Origin { get; init; }

    /// <summary>Number of statements that are done, where <see cref="IsRunning"/>.</summary>
    public int FinishedStatements { get; init; }

    /// <summary>SHA-256 of the text up to the end of the last finished statement, where <see cref="IsRunning"/>.</summary>
    public string? FinishedHash { get; init; }

    /// <summary>True where the statement behind the finished ones was begun and its outcome is not known.</summary>
    public bool IsNextInDoubt { get; init; }

    /// <summary>True where the text of the steps is kept.</summary>
    public bool HasStoredText { get; init; }

    /// <summary>The state store that was last told about it; null if none was.</summary>
    public StateMirror? Mirror { get; init; }
}

/// <summary>A state store that was told about a version.</summary>
/// <param name="Kind">Table or Catalog.</param>
/// <param name="Source">Source name in a catalog state; empty for a table.</param>
/// <param name="InstanceId">The <c>hasura_uuid</c> of the catalog; null for a table.</param>
public sealed record StateMirror(StateStoreKind Kind, string Source, Guid? InstanceId);
