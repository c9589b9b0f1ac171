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
    private const int MaximumNamed = 3;

    /// <summary>What metadata goes before the migrations.</summary>
    public ReleaseOrder Order { get; init; } = ReleaseOrder.SqlFirst;

    /// <summary>The order of the release, in a sentence for each part.</summary>
    public IReadOnlyList<string> Steps => IsNothing ? [] : [.. Parts().Select((p, i) => $"{i + 1}. {p}")];

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

    private IEnumerable<string> Parts()
    {
        if (Sources.Count > 0)
        {
            yield return $"Metadata: the connection of the source{(Sources.Count == 1 ? "" : "s")} '{string.Join("', '", Sources)}'.";
        }

        if (Order.First is not null)
        {
            yield return $"Metadata without what the migrations drop: {Some(Order.Before)}";
        }

        if (Migrations > 0)
        {
            yield return $"Migrations: {Migrations}{(Databases.Count > 1 ? $" on {Databases.Count(d => d.Plan is { All.Count: > 0 })} databases" : "")}.";
        }

        if (Metadata is { IsNothing: false })
        {
            yield return $"Metadata: {Metadata.Changes.Count} change{(Metadata.Changes.Count == 1 ? "" : "s")}{(Order.First is null ? "" : " in all")}.{(Order.Held.Count == 0 ? "" : $" Until then, these refer to what is dropped: {Some(Order.Held)}")}";
        }

        if (Seeds > 0)
        {
            yield return $"Seed files: {Seeds}.";
        }
    }

    private static string Some(IReadOnlyList<string> sentences) =>
        string.Join(" ", sentences.Take(MaximumNamed)) + (sentences.Count > MaximumNamed ? $" And {sentences.Count - MaximumNamed} more." : "");

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
