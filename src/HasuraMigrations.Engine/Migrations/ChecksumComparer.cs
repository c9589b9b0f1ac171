using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Compares the files of applied migrations with what was applied.</summary>
internal static class ChecksumComparer
{
    /// <summary>How the files of a version compare; reads the files.</summary>
    internal static MigrationChecksumState StateOf(SourceMigration? migration, LedgerEntry? entry)
    {
        if (migration is null || entry?.Row is not { } row || entry.State == MigrationState.Pending || row.Checksums.Count == 0)
        {
            return MigrationChecksumState.None;
        }

        return ChangedSteps(migration, entry, MigrationDirection.Up).Any() ? MigrationChecksumState.Changed
            : row.IsChecksumAssumed ? MigrationChecksumState.Assumed
            : MigrationChecksumState.Unchanged;
    }

    /// <summary>Steps of a direction that differ from what was recorded, or were added or removed since.</summary>
    internal static IEnumerable<string> ChangedSteps(SourceMigration migration, LedgerEntry entry, MigrationDirection direction)
    {
        var recorded = entry.Row!.Checksums;
        var prefix = direction == MigrationDirection.Up ? "up." : "down.";
        var now = migration.StepsOf(direction).ToDictionary(s => SourceStep.FileName(s.Kind));
        return recorded.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Union(now.Keys)
            .Where(name => !now.TryGetValue(name, out var step) || !recorded.TryGetValue(name, out var checksum) || step.Checksum != checksum);
    }

    /// <summary>Reads files on all processors, so that many small ones take little time; errors are found again later.</summary>
    /// <param name="steps">The steps whose checksums are needed.</param>
    internal static void Prefetch(IReadOnlyList<SourceStep> steps) =>
        WorkAhead.ForEach(steps.Count, i =>
        {
            try
            {
                _ = steps[i].Checksum;
            }
            catch (HasuraMigrationException)
            {
                // The lazy checksum throws the same again where the step is used, and there it is reported.
                return;
            }
        });
}
