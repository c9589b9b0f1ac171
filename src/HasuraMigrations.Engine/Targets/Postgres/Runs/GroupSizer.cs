using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Sizes groups so that the time of a trip is short against that of a group, and a group is bounded in time and memory.</summary>
internal sealed class GroupSizer
{
    private const int MaximumCount = 64;
    private const int MaximumCharacters = 4 * 1024 * 1024;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(750);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);

    // Small at first, while it is unknown how long the migrations take.
    private int _count = 8;

    internal List<PlannedMigration> Take(IReadOnlyList<PlannedMigration> migrations, int from)
    {
        var group = new List<PlannedMigration>();
        long characters = 0;
        for (var i = from; i < migrations.Count && group.Count < _count && migrations[i].IsTransactional; i++)
        {
            characters += migrations[i].Steps.Sum(s => (long)s.Script.Content.Length);
            // A migration that alone is longer than the limit goes by itself.
            if (group.Count > 0 && characters > MaximumCharacters)
            {
                break;
            }

            group.Add(migrations[i]);
        }

        return group;
    }

    internal void Adjust(TimeSpan elapsed) =>
        // A state in another database is written only between groups, so they must not take long.
        _count = elapsed < Short ? Math.Min(MaximumCount, _count * 2) : elapsed > Long ? Math.Max(1, _count / 2) : _count;
}
