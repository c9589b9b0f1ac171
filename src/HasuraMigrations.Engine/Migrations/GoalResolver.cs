namespace HasuraMigrations.Engine.Migrations;

/// <summary>Turns a goal into the versions to run, in order.</summary>
internal sealed class GoalResolver(MigrationSource source, MigrationLedger ledger, List<Finding> findings)
{
    internal (MigrationDirection Direction, List<long> Versions) Resolve(MigrationGoal goal) => goal switch
    {
        MigrationGoal.AllPending => (MigrationDirection.Up, Pending()),
        MigrationGoal.Repeatables => (MigrationDirection.Up, []),
        MigrationGoal.Next next => (MigrationDirection.Up, Counted(Pending(), next.Count, next.Shortage, "pending")),
        MigrationGoal.To to => To(to.Version),
        MigrationGoal.DownTo down => (MigrationDirection.Down, DownTo(down.Version)),
        MigrationGoal.Last last => (MigrationDirection.Down, Counted([.. Applied()], last.Count, last.Shortage, "applied")),
        MigrationGoal.Exactly { Direction: MigrationDirection.Up } up => (MigrationDirection.Up, ExactlyUp(up.Versions)),
        MigrationGoal.Exactly down => (MigrationDirection.Down, ExactlyDown(down.Versions)),
        _ => throw new ArgumentOutOfRangeException(nameof(goal)),
    };

    private bool IsPending(SourceMigration migration) =>
        migration.StepsOf(MigrationDirection.Up).Count > 0
        // An interrupted up step is resumed, so it still counts as pending; an interrupted down step counts as applied (Applied).
        && ledger.Find(migration.Version) is null or { State: MigrationState.Pending } or { State: MigrationState.Interrupted, Row.Direction: MigrationDirection.Up };

    private List<long> Pending() => [.. source.Migrations.Where(IsPending).Select(m => m.Version)];

    private IEnumerable<long> Applied() =>
        ledger.Entries
            .Where(e => e.State == MigrationState.Applied || e is { State: MigrationState.Interrupted, Row.Direction: MigrationDirection.Down })
            .Select(e => e.Version)
            .OrderDescending();

    private List<long> Counted(List<long> there, int count, FindingSeverity shortage, string state)
    {
        if (count != int.MaxValue && there.Count < count)
        {
            var found = there.Count switch { 0 => "none is", 1 => "only 1 is", var n => $"only {n} are" };
            Report("MigrationsTooFew", shortage, $"{count} migration{(count == 1 ? " was" : "s were")} requested, but {found} {state}.", null);
        }

        return [.. there.Take(count)];
    }

    private (MigrationDirection, List<long>) To(long version)
    {
        // As Hasura's --goto: with a newer version applied, it only rolls back, and does not fill gaps below the target.
        if (Applied().Any(v => v > version))
        {
            return (MigrationDirection.Down, DownTo(version));
        }

        // Hasura's CLI 2.x runs every pending migration before it fails because the target does not exist; here nothing runs.
        if (source.Find(version) is null && ledger.Find(version) is null)
        {
            Refuse("MigrationNotFound", $"The target version {version} does not exist.", version);
            return (MigrationDirection.Up, []);
        }

        return (MigrationDirection.Up, [.. Pending().Where(v => v <= version)]);
    }

    private List<long> DownTo(long version)
    {
        // 0 stands for the state before the first migration.
        if (version != 0 && !Applied().Contains(version))
        {
            var isKnown = source.Find(version) is not null;
            Refuse(isKnown ? "MigrationNotApplied" : "MigrationNotFound", $"The target version {version} {(isKnown ? "is not applied" : "does not exist")}.", version);
            return [];
        }

        return [.. Applied().Where(v => v > version)];
    }

    private List<long> ExactlyUp(IReadOnlyList<long> versions)
    {
        foreach (var version in versions)
        {
            if (source.Find(version) is not { } migration)
            {
                Refuse("MigrationNotFound", $"There are no files for the migration {version}.", version);
            }
            else if (ledger.Find(version) is { State: MigrationState.Applied })
            {
                Refuse("MigrationAlreadyApplied", $"The migration {version} is already applied.", version);
            }
            else if (migration.StepsOf(MigrationDirection.Up).Count == 0)
            {
                Refuse("UpMissing", $"The migration {version} has no up step.", version);
            }
        }

        // A version that is dirty, in doubt, or interrupted in the other direction is not pending; the plan has an error for each.
        return [.. versions.Distinct().Where(v => source.Find(v) is { } m && IsPending(m)).Order()];
    }

    private List<long> ExactlyDown(IReadOnlyList<long> versions)
    {
        var applied = Applied().ToHashSet();
        foreach (var version in versions.Where(v => !applied.Contains(v)))
        {
            var isKnown = source.Find(version) is not null || ledger.Find(version) is not null;
            Refuse(isKnown ? "MigrationNotApplied" : "MigrationNotFound", $"The migration {version} is {(isKnown ? "not applied" : "not known")}.", version);
        }

        return [.. versions.Distinct().Where(applied.Contains).OrderDescending()];
    }

    private void Refuse(string id, string message, long version) => Report(id, FindingSeverity.Error, message, version);

    private void Report(string id, FindingSeverity severity, string message, long? version) => findings.Add(new Finding
    {
        Id = id,
        Severity = severity,
        Message = message,
        Database = source.Database,
        Version = version,
    });
}
