using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>What to repair.</summary>
public enum MigrationRepair
{
    /// <summary>Record as applied.</summary>
    AsApplied,

    /// <summary>Forget, as if rolled back.</summary>
    AsRolledBack,

    /// <summary>Take the files as they are now for those that were applied.</summary>
    AcceptChecksum,

    /// <summary>Bring Hasura's state in step with the history.</summary>
    RewriteState,
}

/// <summary>Checks that a repair fits the state a version is in.</summary>
internal static class RepairPlanner
{
    internal static RepairRequest Request(MigrationRepair repair, long version, MigrationSource source, MigrationLedger ledger)
    {
        var entry = ledger.Find(version);
        var migration = source.Find(version);
        if (entry is null && migration is null)
        {
            throw new HasuraMigrationException("MigrationNotFound", $"There is no migration {version}, neither as a file nor as applied.", version);
        }

        var name = migration?.Name ?? entry?.Row?.Name ?? "";
        return repair switch
        {
            MigrationRepair.AsApplied when entry is { State: MigrationState.Applied } => throw Unfit(version, "is applied already"),
            MigrationRepair.AsApplied => new RepairRequest(version, name, true, migration, "repaired as applied"),
            MigrationRepair.AsRolledBack when entry is null or { State: MigrationState.Pending, Row: null } => throw Unfit(version, "is not recorded"),
            MigrationRepair.AsRolledBack => new RepairRequest(version, name, false, migration, "repaired as rolled back"),
            MigrationRepair.AcceptChecksum when entry is not { State: MigrationState.Applied } => throw Unfit(version, "is not applied"),
            MigrationRepair.AcceptChecksum when migration is null => throw Unfit(version, "has no files here"),
            _ => new RepairRequest(version, name, true, migration, "checksum accepted", IsChecksumOnly: entry!.Row is not null),
        };
    }

    private static HasuraMigrationException Unfit(long version, string why) =>
        new("RepairNotPossible", $"The migration {version} {why}, so there is nothing of that kind to repair.", version);
}
