using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>A step that is ready to run.</summary>
/// <param name="Step">The step.</param>
/// <param name="Script">Its statements.</param>
/// <param name="Merged">The file's own BEGINs and COMMITs, whose place our transaction takes; empty without.</param>
public sealed record PlannedStep(SourceStep Step, SqlScript Script, IReadOnlyList<SqlStatement> Merged)
{
    /// <summary>What commits at once where the file runs without a transaction.</summary>
    internal IReadOnlyList<StatementUnit> CutUnits() => StatementUnits.Cut(Script).Units;

    /// <summary>The actions of a YAML step; none for SQL.</summary>
    public IReadOnlyList<StepAction> Actions { get; init; } = [];

    /// <summary>False where it does nothing: a file of comments.</summary>
    public bool HasWork => Actions.Count > 0 || Statements.Any();

    /// <summary>The statements to send.</summary>
    public IEnumerable<SqlStatement> Statements => Script.Statements.Where(s => !s.Has(SqlStatementTraits.DumpGuard) && !Merged.Contains(s));

    /// <summary>What is not sent: <see cref="Merged"/>, and lines that pg_dump writes for psql alone.</summary>
    public IEnumerable<SqlStatement> LeftOut => Script.Statements.Where(s => s.Has(SqlStatementTraits.DumpGuard)).Concat(Merged);

    /// <summary>Modes of the transaction that the file asks for, such as an isolation level; empty without.</summary>
    public string TransactionOptions { get; init; } = "";
}

/// <summary>One migration of a plan.</summary>
public sealed record PlannedMigration
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Version number.</summary>
    public required long Version { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Which way.</summary>
    public required MigrationDirection Direction { get; init; }

    /// <summary>Steps to run, in order; none where only the record changes.</summary>
    public required IReadOnlyList<PlannedStep> Steps { get; init; }

    /// <summary>False where it runs statement by statement.</summary>
    public required bool IsTransactional { get; init; }

    /// <summary>Where only the record changes and nothing runs.</summary>
    public bool IsRecordOnly { get; init; }

    /// <summary>An up below an applied version.</summary>
    public bool IsOutOfOrder { get; init; }

    /// <summary>The files (or stored texts) to record; null for a rollback without files.</summary>
    public SourceMigration? Source { get; init; }

    /// <summary>What is recorded now.</summary>
    public LedgerEntry? Entry { get; init; }

    /// <summary>Statements done by an interrupted run.</summary>
    public int ResumeAfter { get; init; }

    /// <summary>What was noticed about it.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Set where this is a seed file or a repeatable file; then <see cref="Version"/> only tells it from the others. Null for a migration.</summary>
    public FileMark? Mark { get; init; }

    /// <summary>What it is, for messages.</summary>
    internal string Title => Mark?.Title ?? $"migration {Version}_{Name}";

    /// <summary>The version that the log and results have for it: 0 for a file, which has none.</summary>
    public long LoggedVersion => Mark is null ? Version : 0;

    /// <summary>True where running it may change tables, so that running servers must notice.</summary>
    internal bool MayChangeSchema => Mark?.MayChangeSchema ?? Steps.Count > 0;

    /// <summary>Modes of the file's own BEGIN, such as an isolation level; empty without.</summary>
    public string TransactionOptions => Steps.Select(s => s.TransactionOptions).FirstOrDefault(o => o.Length > 0) ?? "";

    /// <summary>The line of the plan as users see it.</summary>
    public PlannedMigrationInfo ToInfo() => new()
    {
        Database = Database,
        Version = LoggedVersion,
        Name = Name,
        Direction = Direction,
        Steps = [.. Steps.Select(s => s.Step.Kind)],
        StatementCount = Steps.Sum(s => s.Statements.Count() + s.Actions.Count),
        IsTransactional = IsTransactional,
        IsRecordOnly = IsRecordOnly,
        IsRepeatable = Mark is { Kind: FileKind.Repeatable },
        IsOutOfOrder = IsOutOfOrder,
        ResumeAfter = ResumeAfter,
        Findings = Findings,
    };
}

/// <summary>What a run would do, complete and checked before anything is written.</summary>
/// <param name="Database">Source name of the database.</param>
/// <param name="Migrations">In the order in which they run.</param>
/// <param name="Findings">Everything that was noticed, those of single migrations included.</param>
/// <param name="TransactionMode">How transactions are laid.</param>
public sealed record MigrationPlan(string Database, IReadOnlyList<PlannedMigration> Migrations, IReadOnlyList<Finding> Findings, MigrationTransactionMode TransactionMode)
{
    /// <summary>The repeatable files that run behind the migrations, all in one transaction.</summary>
    public IReadOnlyList<PlannedMigration> Repeatables { get; init; } = [];

    /// <summary>The migrations, then the repeatable files.</summary>
    public IReadOnlyList<PlannedMigration> All => [.. Migrations, .. Repeatables];

    /// <summary>Paths of the repeatable files that changed, or that never ran.</summary>
    internal IReadOnlySet<string> PendingRepeatables { get; init; } = new HashSet<string>();

    /// <summary>True where the project keeps metadata in its migrations, so that metadata has to follow their SQL, too.</summary>
    internal bool HasMetadataInMigrations { get; init; }

    /// <summary>True where Hasura's record lacks what the history has, or has what was rolled back, so that a run is of use without a migration too.</summary>
    public bool NeedsSynchronization { get; init; }

    /// <summary>Versions with an up step on disk that are not applied; one that was interrupted is among them.</summary>
    internal IReadOnlySet<long> Pending { get; init; } = new HashSet<long>();

    /// <summary>Versions with an up step on disk, which are pending once they are rolled back.</summary>
    internal IReadOnlySet<long> WithUpStep { get; init; } = new HashSet<long>();

    /// <summary>Number of migrations and repeatable files that remain to be applied after a run.</summary>
    /// <param name="results">What the run committed.</param>
    public int PendingAfter(IEnumerable<MigrationResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var pending = Pending.ToHashSet();
        var files = PendingRepeatables.ToHashSet();
        foreach (var result in results)
        {
            if (result.IsRepeatable)
            {
                files.Remove(result.Name ?? "");
            }
            else if (result.Direction == MigrationDirection.Up)
            {
                pending.Remove(result.Version);
            }
            else if (WithUpStep.Contains(result.Version))
            {
                pending.Add(result.Version);
            }
        }

        return pending.Count + files.Count;
    }

    /// <summary>Throws where a finding is an error; all of them are in the exception.</summary>
    /// <exception cref="HasuraMigrationException">The id of the findings if they share one, else PlanRefused.</exception>
    public void ThrowIfRefused()
    {
        var errors = Findings.Where(f => f.Severity == FindingSeverity.Error).ToList();
        if (errors.Count == 0)
        {
            return;
        }

        var ids = errors.Select(e => e.Id).Distinct().ToList();
        // The advice of the findings is nearer than that of the table.
        var shared = errors.Select(e => e.RecommendedAction).Distinct().ToList() is [{ } advice] ? advice : null;
        var lines = errors.Take(20).Select(e => $"  {e}{(shared is null && e.RecommendedAction is { } own ? $" {own}" : "")}");
        throw new HasuraMigrationException(
            ids.Count == 1 ? ids[0] : "PlanRefused",
            $"The plan for database '{Database}' was refused and nothing was written:",
            errors[0].Version is { } version && errors.All(e => e.Version == version) ? version : Database,
            lines: errors.Count > 20 ? lines.Append($"  and {errors.Count - 20} more") : lines)
        {
            RecommendedAction = shared ?? ErrorCatalog.Get(ids.Count == 1 ? ids[0] : "PlanRefused").RecommendedAction,
            Findings = errors,
            File = errors[0].File,
            Line = errors[0].Line,
            Column = errors[0].Column,
        };
    }
}
