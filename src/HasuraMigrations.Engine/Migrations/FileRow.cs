namespace HasuraMigrations.Engine.Migrations;

/// <summary>What is recorded of a seed file or of a repeatable file.</summary>
/// <param name="Path">Path, as in <see cref="FileMark.Path"/>.</param>
/// <param name="Checksum">Checksum of the text that ran.</param>
/// <param name="IsRunning">True where a run without a transaction is or was in the middle of it.</param>
/// <param name="FinishedStatements">Number of statements that such a run has done.</param>
/// <param name="FinishedHash">SHA-256 in hex of the text up to the last of them.</param>
/// <param name="IsNextInDoubt">True where the statement behind them was being run outside a transaction.</param>
/// <param name="AppliedAt">When it ran.</param>
/// <param name="AppliedBy">Role and host that ran it.</param>
public sealed record FileRow(string Path, string Checksum, bool IsRunning, int FinishedStatements, string FinishedHash, bool IsNextInDoubt, DateTimeOffset? AppliedAt = null, string? AppliedBy = null)
{
    /// <summary>The row as one of the history, which runs and their recovery know.</summary>
    /// <param name="number">What stands for the version.</param>
    internal LedgerEntry ToEntry(long number) => new(
        number,
        IsRunning ? MigrationState.Interrupted : MigrationState.Applied,
        new HistoryRow
        {
            Version = number,
            Name = Path,
            Direction = MigrationDirection.Up,
            IsRunning = IsRunning,
            Checksums = new Dictionary<string, string>(),
            FinishedStatements = FinishedStatements,
            FinishedHash = FinishedHash,
            IsNextInDoubt = IsNextInDoubt,
        },
        MigrationOrigin.Module);

    /// <summary>The files that are still to be run, after the lock was lost and other runs may have done any of them.</summary>
    /// <param name="rows">What is recorded now.</param>
    /// <param name="planned">What was to be done.</param>
    internal static List<PlannedMigration> Left(IEnumerable<FileRow> rows, IEnumerable<PlannedMigration> planned)
    {
        var byPath = rows.ToDictionary(r => r.Path);
        return
        [
            .. from one in planned
               let row = byPath.GetValueOrDefault(one.Mark!.Path)
               where !IsDone(one, row)
               select row switch
               {
                   // Begun anew on request, and not begun yet: a run that begins sets the count back.
                   { IsRunning: true } when one.Entry is { State: MigrationState.Pending, Row: { } known } && known.FinishedStatements == row.FinishedStatements => one,
                   { IsRunning: true } => one with { Entry = row.ToEntry(one.Version), ResumeAfter = row.FinishedStatements },
                   null => one with { Entry = null, ResumeAfter = 0 },
                   _ => one with { Entry = row.ToEntry(one.Version), ResumeAfter = 0 },
               },
        ];
    }

    // One whose file is gone is done when its record is gone.
    private static bool IsDone(PlannedMigration one, FileRow? row) => one.Direction == MigrationDirection.Down
        ? row is null
        : one.Mark!.IsOnce && row is { IsRunning: false } && row.Checksum == one.Mark.Checksum;
}
