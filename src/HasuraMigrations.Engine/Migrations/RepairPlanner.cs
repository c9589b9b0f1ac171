using HasuraMigrations.Engine.Sql;

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

    /// <summary>Bring Hasura's record in step with the history.</summary>
    RewriteState,

    /// <summary>The statement at which a migration without a transaction stands took effect: go on behind it.</summary>
    StatementRun,

    /// <summary>The statement at which a migration without a transaction stands did not take effect: run it again.</summary>
    StatementNotRun,

    /// <summary>Record a squash: the versions that its file replaces are forgotten, its own is applied.</summary>
    AsSquashed,
}

/// <summary>Checks that a repair fits the state a version is in.</summary>
internal static class RepairPlanner
{
    /// <summary>What to write for one version that was named; for a squash also for those that it replaces.</summary>
    internal static IEnumerable<RepairRequest> Requests(MigrationRepair repair, long version, MigrationSource source, MigrationLedger ledger)
    {
        if (repair != MigrationRepair.AsSquashed)
        {
            return [Request(repair, version, source, ledger)];
        }

        var squash = ledger.Squashes.FirstOrDefault(s => s.Version == version)
            ?? throw new HasuraMigrationException("RepairNotPossible", $"The file of version {version} does not contain the statements of applied versions without files, so it is not a squash.", version);
        if (squash.Obstacle is not null)
        {
            throw new HasuraMigrationException("RepairNotPossible", squash.Message, version) { RecommendedAction = squash.Action };
        }

        var own = ledger.Find(version) is { State: MigrationState.Applied } ? MigrationRepair.AcceptChecksum : MigrationRepair.AsApplied;
        return [.. squash.Replaced.Select(v => Request(MigrationRepair.AsRolledBack, v, source, ledger) with { Note = $"replaced by {version}" }), Request(own, version, source, ledger) with { Note = "squashed" }];
    }

    private static RepairRequest Request(MigrationRepair repair, long version, MigrationSource source, MigrationLedger ledger)
    {
        var entry = ledger.Find(version);
        var migration = source.Find(version);
        if (entry is null && migration is null)
        {
            throw new HasuraMigrationException("MigrationNotFound", $"There is no migration {version}: it has no files and is not applied.", version);
        }

        var name = migration?.Name ?? entry?.Row?.Name ?? "";
        return repair switch
        {
            MigrationRepair.StatementRun or MigrationRepair.StatementNotRun => Progress(repair, version, name, migration, entry),
            MigrationRepair.AsApplied when entry is { State: MigrationState.Applied } => throw Unfit(version, "is already applied"),
            MigrationRepair.AsApplied => new RepairRequest(version, name, true, migration, "repaired as applied"),
            MigrationRepair.AsRolledBack when entry is null or { State: MigrationState.Pending, Row: null } => throw Unfit(version, "is not recorded"),
            MigrationRepair.AsRolledBack => new RepairRequest(version, name, false, migration, "repaired as rolled back"),
            MigrationRepair.AcceptChecksum when entry is not { State: MigrationState.Applied } => throw Unfit(version, "is not applied"),
            MigrationRepair.AcceptChecksum when migration is null => throw Unfit(version, "has no local files"),
            _ => new RepairRequest(version, name, true, migration, "checksum accepted", IsChecksumOnly: entry!.Row is not null),
        };
    }

    private static RepairRequest Progress(MigrationRepair repair, long version, string name, SourceMigration? migration, LedgerEntry? entry)
    {
        if (entry is not { State: MigrationState.Interrupted, Row: { } row })
        {
            throw Unfit(version, "is not interrupted");
        }

        if (migration?.StepsOf(row.Direction) is not [var step, ..])
        {
            throw Unfit(version, "has no local files");
        }

        var script = SqlScript.Parse(step.Text.Content);
        if (row.FinishedStatements > script.Statements.Count || row.FinishedHash != Resumption.HashOfFinished(script, row.FinishedStatements))
        {
            throw new HasuraMigrationException("ResumeChanged", $"The first {row.FinishedStatements} statement(s) of the interrupted migration {version} are not those that ran.", version) { File = step.Path };
        }

        var next = StatementUnits.Cut(script).Units.FirstOrDefault(u => u.Last.Ordinal > row.FinishedStatements) ?? throw Unfit(version, "has no statement left");
        var isDone = repair == MigrationRepair.StatementRun;
        var finished = isDone ? next.Last.Ordinal : row.FinishedStatements;
        return new RepairRequest(version, name, true, migration, $"statement {next.Last.Ordinal} {(isDone ? "was" : "was not")} run")
        {
            Progress = new StatementProgress(finished, Resumption.HashOfFinished(script, finished)),
            Direction = row.Direction,
        };
    }

    private static HasuraMigrationException Unfit(long version, string why) =>
        new("RepairNotPossible", $"The migration {version} {why}, so there is nothing of that kind to repair.", version);
}
