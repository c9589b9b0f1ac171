using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Sources, histories and plans in memory.</summary>
internal static class Plans
{
    public static readonly IReadOnlyDictionary<string, string> NoChecksums = new Dictionary<string, string>();

    public static readonly StateSnapshot NoState = new() { Kind = StateStoreKind.None };

    public static MigrationSource Source(params (long Version, string? Up, string? Down)[] migrations) =>
        new("default", migrations.Select(m => Migration(m.Version, m.Up, m.Down)), []);

    public static SourceMigration Migration(long version, string? up, string? down)
    {
        List<SourceStep> steps = [];
        if (up is not null)
        {
            steps.Add(new SourceStep(MigrationStepKind.UpSql, StepText.Of(up)));
        }

        if (down is not null)
        {
            steps.Add(new SourceStep(MigrationStepKind.DownSql, StepText.Of(down)));
        }

        return new SourceMigration(version, $"m{version}", $"/project/{version}_m{version}", steps);
    }

    /// <summary>Versions with an up and a down each.</summary>
    public static MigrationSource Versions(params long[] versions) =>
        Source([.. versions.Select(v => (v, (string?)$"SELECT {v};", (string?)$"SELECT -{v};"))]);

    public static HistoryRow Row(long version, MigrationDirection direction = MigrationDirection.Up, bool isRunning = false) =>
        new() { Version = version, Name = $"m{version}", Direction = direction, IsRunning = isRunning, Checksums = NoChecksums };

    /// <summary>A row of what a migration of the source holds now.</summary>
    public static HistoryRow RowOf(SourceMigration migration) => Row(migration.Version) with { Checksums = migration.Checksums() };

    /// <summary>The row of a run that was interrupted behind a number of statements.</summary>
    public static HistoryRow Interrupted(long version, string text, int finished, MigrationDirection direction = MigrationDirection.Up) =>
        Row(version, direction, isRunning: true) with
        {
            FinishedStatements = finished,
            FinishedHash = Resumption.HashOfFinished(SqlScript.Parse(text), finished),
        };

    public static MigrationLedger Ledger(StateSnapshot state, params HistoryRow[] rows) =>
        MigrationLedger.Reconcile("default", new TargetSnapshot(rows.Length > 0, rows, state));

    public static MigrationLedger Ledger(params HistoryRow[] rows) => Ledger(NoState, rows);

    public static MigrationLedger Applied(params long[] versions) => Ledger([.. versions.Select(v => Row(v))]);

    public static MigrationPlan Plan(MigrationSource source, MigrationLedger ledger, MigrationGoal? goal = null, PlanOptions? options = null) =>
        new MigrationPlanner(source, ledger, options ?? new PlanOptions()).Plan(goal ?? new MigrationGoal.AllPending());

    /// <summary>The plan of one new migration with this up step.</summary>
    public static MigrationPlan PlanUp(string up, MigrationTransactionMode mode = MigrationTransactionMode.PerMigration) =>
        Plan(Source((1, up, null)), Ledger(), options: new PlanOptions { TransactionMode = mode });

    public static IEnumerable<string> Ids(this MigrationPlan plan, FindingSeverity severity) =>
        plan.Findings.Where(f => f.Severity == severity && f.Id != "StateStoreMissing").Select(f => f.Id);
}
