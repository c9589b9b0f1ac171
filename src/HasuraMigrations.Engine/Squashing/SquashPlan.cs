using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>Which migrations to squash, and into what.</summary>
/// <param name="From">The lowest version.</param>
/// <param name="To">The highest version; null for the newest.</param>
/// <param name="Name">Name of the squashed migration.</param>
public sealed record SquashOptions(long From, long? To, string Name)
{
    /// <summary>Which version the squashed migration gets.</summary>
    public SquashVersion KeepVersion { get; init; }

    /// <summary>True to squash migrations of which some have no down step, or one of comments only.</summary>
    public bool AllowEmptyDown { get; init; }
}

/// <summary>A squash, complete and checked before anything is written.</summary>
/// <param name="Before">The migrations below the range.</param>
/// <param name="Range">The migrations that are squashed, ascending.</param>
/// <param name="Migration">The squashed migration; its texts are not on disk yet.</param>
/// <param name="Findings">What was noticed.</param>
public sealed record SquashPlan(IReadOnlyList<SourceMigration> Before, IReadOnlyList<SourceMigration> Range, SourceMigration Migration, IReadOnlyList<Finding> Findings)
{
    /// <summary>The same with every action in place, where merging left any out; null where it did not.</summary>
    public SourceMigration? Unmerged { get; init; }

    /// <summary>The versions of the range, ascending.</summary>
    public IReadOnlyList<long> Versions => [.. Range.Select(m => m.Version)];
}
