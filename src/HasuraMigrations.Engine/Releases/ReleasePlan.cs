using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Releases;

/// <summary>What a release would do, complete and checked before anything is written.</summary>
/// <param name="Databases">The plan of each database.</param>
/// <param name="Metadata">The plan of the metadata; null where none belongs to the release.</param>
/// <param name="Sources">
/// Names of sources that the migrations need and that are not in the metadata of the server, or lead elsewhere there. Such a source gets
/// its place in the metadata before its migrations run.
/// </param>
public sealed record ReleasePlan(IReadOnlyList<ReleaseDatabasePlan> Databases, MetadataImportPlan? Metadata, IReadOnlyList<string> Sources)
{
    /// <summary>What was noticed, without errors.</summary>
    public IReadOnlyList<Finding> Findings =>
    [
        .. Databases.SelectMany(d => (d.Plan?.Findings ?? []).Concat(d.Seeds?.Run.Findings ?? [])),
        .. Metadata?.Findings ?? [],
        .. Sources.Select(NewSource),
    ];

    /// <summary>True where there is nothing to do.</summary>
    public bool IsNothing => Databases.All(d => d.IsNothing) && Metadata is null or { IsNothing: true };

    /// <summary>Number of migrations and repeatable files.</summary>
    public int Migrations => Databases.Sum(d => d.Plan?.All.Count ?? 0);

    /// <summary>Number of seed files that would run.</summary>
    public int Seeds => Databases.Sum(d => d.Seeds?.Run.Migrations.Count ?? 0);

    private static Finding NewSource(string name) => new()
    {
        Id = "ReleaseSourceNew",
        Severity = FindingSeverity.Information,
        Message = $"The source '{name}' is not on the server, or has another connection there. Its connection is written before its migrations, and they are planned as for an empty database; those that are applied there are left out.",
        Database = name,
    };
}

/// <summary>What a release would do on one database.</summary>
/// <param name="Database">The database.</param>
/// <param name="Plan">Its migrations; null where no plan could be made.</param>
/// <param name="Seeds">Its seed files; null where none are to run, or where they are planned behind the migrations.</param>
/// <param name="Failure">Why no plan could be made; null where there is one.</param>
public sealed record ReleaseDatabasePlan(ReleaseDatabase Database, MigrationPlan? Plan, SeedPlan? Seeds, HasuraMigrationException? Failure)
{
    /// <summary>True where the server does not know the source yet, so that the plan is made of the files alone.</summary>
    public bool IsNewSource { get; init; }

    internal bool HasMigrations => Plan is { All.Count: > 0 } or { NeedsSynchronization: true } || IsNewSource;

    internal bool IsNothing => Failure is null && !HasMigrations && Seeds is null or { Run.Migrations.Count: 0 };
}
