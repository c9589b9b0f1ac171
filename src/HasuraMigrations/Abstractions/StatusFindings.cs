namespace HasuraMigrations.Abstractions;

/// <summary>The findings of <c>Test-HasuraMigration</c>, and which of them make its result false.</summary>
internal static class StatusFindings
{
    private static readonly HashSet<string> OutOfOrderIds = ["MigrationPending", "MigrationForeign", "MigrationFileMissing", "MigrationInterrupted", "MigrationSquashed", "RolledBackElsewhere", "StateInDoubt"];

    /// <summary>Everything that was noticed, and one finding for each migration that is pending or that another tool applied.</summary>
    internal static IReadOnlyList<Finding> Findings(IReadOnlyList<HasuraMigration> migrations, IReadOnlyList<Finding> whole) =>
        [.. whole.Where(f => f.Version is null).Concat(migrations.SelectMany(m => m.Findings.Concat(OfState(m)))).Concat(whole.Where(f => f.Version is not null)).Distinct()];

    /// <summary>False for a finding that keeps the database from being in order.</summary>
    internal static bool IsInOrder(Finding finding) => finding.Severity != FindingSeverity.Error && !OutOfOrderIds.Contains(finding.Id);

    private static IEnumerable<Finding> OfState(HasuraMigration migration)
    {
        if (migration.Status == MigrationState.Pending && migration.Steps.Any(s => s is MigrationStepKind.UpSql or MigrationStepKind.UpYaml))
        {
            yield return New(migration, "MigrationPending", migration.IsRepeatable ? migration.ChecksumState == MigrationChecksumState.Changed ? $"The repeatable file '{migration.Name}' changed since it ran." : $"The repeatable file '{migration.Name}' did not run yet." : migration.IsOutOfOrder ? "The migration is pending, but newer ones are applied." : "The migration is pending.", "Apply it with Invoke-HasuraMigration.");
        }

        // What was taken over into the history is no longer foreign.
        if (migration is { Status: MigrationState.Applied, Origin: MigrationOrigin.Hasura, AppliedAt: null })
        {
            yield return New(migration, "MigrationForeign", "The migration was applied by another tool and is not in the history.", "The next run of Invoke-HasuraMigration that writes adds it to the history, as does Repair-HasuraMigration -State.");
        }
    }

    private static Finding New(HasuraMigration migration, string id, string message, string action) => new()
    {
        Id = id,
        Severity = FindingSeverity.Warning,
        Message = message,
        Database = migration.Database,
        Version = migration.IsRepeatable ? null : migration.Version,
        File = migration.Path,
        RecommendedAction = action,
    };
}
