using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Sizes groups so that a group is short against the time of a trip, and bounded in memory.</summary>
internal sealed class GroupSizer
{
    private const int MaximumCount = 64;
    private const int MaximumCharacters = 4 * 1024 * 1024;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(750);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);

    private int _count = 8;

    internal List<PlannedMigration> Take(IReadOnlyList<PlannedMigration> migrations, int from)
    {
        var group = new List<PlannedMigration>();
        long characters = 0;
        for (var i = from; i < migrations.Count && group.Count < _count && migrations[i].IsTransactional; i++)
        {
            characters += migrations[i].Steps.Sum(s => (long)s.Script.Content.Length);
            if (group.Count > 0 && characters > MaximumCharacters)
            {
                break;
            }

            group.Add(migrations[i]);
        }

        return group;
    }

    internal void Adjust(TimeSpan elapsed) =>
        _count = elapsed < Short ? Math.Min(MaximumCount, _count * 2) : elapsed > Long ? Math.Max(1, _count / 2) : _count;
}
