using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>Sizes groups so that the time of a trip is short against that of a group, and a group is bounded in time and memory.</summary>
/// <param name="first">How many migrations the first group has, while it is unknown how long they take.</param>
internal sealed class GroupSizer(int first)
{
    private const int MaximumCount = 64;
    private const int MaximumCharacters = 4 * 1024 * 1024;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(750);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);

    private int _count = first;

    /// <summary>The next group: at least one migration, and more only where all of them may be in a group.</summary>
    internal List<PlannedMigration> Take(IReadOnlyList<PlannedMigration> migrations, int from)
    {
        List<PlannedMigration> group = [migrations[from]];
        var characters = LengthOf(group[0]);
        for (var i = from + 1; i < migrations.Count && group.Count < _count && MayBeGrouped(group[^1]) && MayBeGrouped(migrations[i]); i++)
        {
            characters += LengthOf(migrations[i]);
            if (characters > MaximumCharacters)
            {
                break;
            }

            group.Add(migrations[i]);
        }

        return group;
    }

    private static long LengthOf(PlannedMigration migration) => migration.Steps.Sum(s => (long)s.Script.Content.Length);

    // Statements outside a transaction and actions have runners of their own.
    private static bool MayBeGrouped(PlannedMigration migration) => migration.IsTransactional && migration.Steps.All(s => s.Actions.Count == 0);

    /// <summary>Takes note of how long a group took.</summary>
    internal void Adjust(TimeSpan elapsed) =>
        // A state in another database is written only between groups, so they must not take long.
        _count = elapsed < Short ? Math.Min(MaximumCount, _count * 2) : elapsed > Long ? Math.Max(1, _count / 2) : _count;

    /// <summary>Begins again with a single migration, after a group that stopped.</summary>
    internal void Restart() => _count = 1;
}
