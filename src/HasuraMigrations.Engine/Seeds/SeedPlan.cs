using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>What a run of seed files would do, complete and checked before anything is written.</summary>
/// <param name="Run">The files to run, as the runs of a target take them.</param>
/// <param name="Seeds">All files, in order, as users see them.</param>
/// <param name="Checksums">Checksums by path.</param>
public sealed record SeedPlan(MigrationPlan Run, IReadOnlyList<PlannedSeedInfo> Seeds, IReadOnlyDictionary<string, string> Checksums)
{
    /// <summary>True where files are to be recorded, or run without a transaction.</summary>
    internal bool NeedsTable => Run.Migrations.Any(m => m.Mark!.IsOnce || !m.IsTransactional);

    /// <summary>The line of a file that is run.</summary>
    internal PlannedSeedInfo InfoOf(PlannedMigration planned) => Seeds.First(s => s.Path == planned.Mark!.Path);
}
