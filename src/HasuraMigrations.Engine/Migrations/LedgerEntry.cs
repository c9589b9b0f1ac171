namespace HasuraMigrations.Engine.Migrations;

/// <summary>Where one version stands after history and state were compared.</summary>
/// <param name="Version">Version number.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Row">Its history row; null where only Hasura's record has it.</param>
/// <param name="Origin">Who recorded it.</param>
public sealed record LedgerEntry(long Version, MigrationState State, HistoryRow? Row, MigrationOrigin Origin)
{
    /// <summary>True where the history row is stale and goes in the transaction that applies the version again.</summary>
    public bool IsRowStale => State == MigrationState.Pending && Row is not null;
}
