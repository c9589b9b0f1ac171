using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>
/// What other runs did while this one had lost the lock. A plan was made with the lock held; once it was lost, another run
/// may have done any part of the plan, and doing that again would run migrations twice.
/// </summary>
internal static class ConcurrentRunCheck
{
    /// <summary>The migrations that are still to be done, with where an interrupted one stands now.</summary>
    /// <param name="history">The history as it stands now.</param>
    /// <param name="migrations">What was to be done.</param>
    internal static List<PlannedMigration> Left(IEnumerable<HistoryRow> history, IEnumerable<PlannedMigration> migrations)
    {
        var rows = history.ToDictionary(r => r.Version);
        return [.. migrations.Where(m => !IsDone(m, rows.GetValueOrDefault(m.Version))).Select(m => AsItStands(m, rows.GetValueOrDefault(m.Version)))];
    }

    private static bool IsDone(PlannedMigration migration, HistoryRow? row)
    {
        var isApplied = row is { IsRunning: false, Direction: MigrationDirection.Up };
        return migration.Direction == MigrationDirection.Down
            // After a rollback the row is gone, or it has the direction 'down' until the state was told.
            ? !isApplied && row is not { IsRunning: true }
            // A row that was there when the plan was made, for a version rolled back behind our back, is not the work of a run.
            : isApplied && !(migration.Entry?.Row is { IsRunning: false } known && known.AppliedAt == row!.AppliedAt);
    }

    private static PlannedMigration AsItStands(PlannedMigration migration, HistoryRow? row) => row is { IsRunning: true }
        ? migration with { Entry = new LedgerEntry(migration.Version, MigrationState.Interrupted, row, MigrationOrigin.Module), ResumeAfter = row.FinishedStatements }
        // Another run took back what was interrupted, so it starts from its first statement.
        : migration.Entry is { State: MigrationState.Interrupted } ? migration with { Entry = null, ResumeAfter = 0 } : migration;
}
