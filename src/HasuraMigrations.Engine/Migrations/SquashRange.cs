namespace HasuraMigrations.Engine.Migrations;

/// <summary>Whether the versions of a squash are applied on a database: all of them or none.</summary>
internal static class SquashRange
{
    /// <summary>Looks at the records of a range.</summary>
    /// <param name="source">The files before the squash.</param>
    /// <param name="ledger">What is recorded.</param>
    /// <param name="versions">The versions of the range, ascending.</param>
    /// <param name="description">The target, for messages.</param>
    /// <returns>True where all are applied, false where none is.</returns>
    /// <exception cref="HasuraMigrationException">SquashRangeMixed, MigrationChanged, MigrationModeOff.</exception>
    internal static bool IsApplied(MigrationSource source, MigrationLedger ledger, IReadOnlyList<long> versions, string description)
    {
        ledger.Snapshot.State.RequireMigrationMode(source.Database);
        var states = versions.Select(v => (Version: v, State: ledger.Find(v)?.State ?? MigrationState.Pending)).ToList();
        var unclear = states.Find(s => s.State is not (MigrationState.Applied or MigrationState.Pending));
        if (unclear != default)
        {
            throw Mixed(unclear.Version, $"version {unclear.Version} is {Name(unclear.State)} on {description}", "Resolve it first; Get-HasuraMigration shows how.");
        }

        var isApplied = states[0].State == MigrationState.Applied;
        if (states.Find(s => s.State == MigrationState.Applied != isApplied) is var other && other != default)
        {
            throw Mixed(
                other.Version,
                $"version {states[0].Version} is {Name(states[0].State)} and version {other.Version} is {Name(other.State)} on {description}",
                $"Apply or roll back the others, or choose a range that ends before {other.Version} (-To).");
        }

        var lost = ledger.Applied.Where(v => v > versions[0] && v < versions[^1] && !versions.Contains(v)).ToList();
        if (lost.Count > 0)
        {
            throw Mixed(lost[0], $"version {lost[0]} within the range is applied on {description} and has no files", $"Restore its files, or choose a range without it.");
        }

        if (isApplied)
        {
            RequireUnchanged(source, ledger, versions, description);
        }

        return isApplied;
    }

    private static void RequireUnchanged(MigrationSource source, MigrationLedger ledger, IReadOnlyList<long> versions, string description)
    {
        foreach (var version in versions)
        {
            var migration = source.Find(version);
            if (migration is not null && ledger.Find(version) is { Row: not null } entry && ChecksumComparer.ChangedSteps(migration, entry, MigrationDirection.Up).ToList() is { Count: > 0 } changed)
            {
                throw new HasuraMigrationException("MigrationChanged", $"{string.Join(" and ", changed)} of migration {version} changed since it was applied to {description}; nothing was squashed.", version) { File = migration.Path };
            }
        }
    }

    private static string Name(MigrationState state) => state == MigrationState.Applied ? "applied" : state == MigrationState.Pending ? "not applied" : state == MigrationState.InDoubt ? "in doubt" : state.ToString().ToLowerInvariant();

    private static HasuraMigrationException Mixed(long version, string why, string action) =>
        new("SquashRangeMixed", $"The versions of a squash must all be applied to a database, or none: {why}. Nothing was squashed.", version) { RecommendedAction = action };
}
