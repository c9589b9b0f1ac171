using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>Plans a run of seed files. Their SQL is checked as that of migrations is.</summary>
internal sealed class SeedPlanner(SeedSource source, SeedSnapshot snapshot, SeedOptions options)
{
    // Advice that is another one for seed files than for migrations.
    private static readonly Dictionary<string, string> Advice = new()
    {
        ["NotInTransaction"] = $"Move it to a separate file whose first line is '{SqlScript.NoTransactionDirective}', and run with -TransactionMode PerFile.",
        ["NoTransactionInOneTransaction"] = "Run with -TransactionMode PerFile.",
        ["NoTransactionNotSupported"] = "Use a server of version 2.46 or newer, or run it directly on the database with -ConnectionString.",
    };

    private readonly List<Finding> _findings = [.. source.Findings];
    private readonly List<string> _enumLabels = [];
    private readonly Dictionary<string, string> _checksums = [];

    /// <summary>The plan. Errors are findings in it; nothing is thrown for them.</summary>
    internal SeedPlan Plan()
    {
        var rows = snapshot.Rows.ToDictionary(r => r.Path);
        var run = new List<PlannedMigration>();
        var seeds = new List<PlannedSeedInfo>();
        CheckTarget();
        foreach (var entry in source.Entries)
        {
            var row = rows.GetValueOrDefault(entry.Path);
            var step = new SourceStep(MigrationStepKind.UpSql, entry.File);
            if (IsDone(step, row))
            {
                _checksums[entry.Path] = row!.Checksum;
                seeds.Add(Info(entry, SeedOutcome.Skipped, null));
            }
            else if (PlanOne(entry, step, row, run.Count + 1) is { } planned)
            {
                _checksums[entry.Path] = planned.Mark!.Checksum;
                run.Add(planned);
                seeds.Add(Info(entry, SeedOutcome.Applied, planned));
            }
        }

        CheckLength(run);
        options.Variables.NotePlan(source.Database, source.Entries.Select(e => new SourceStep(MigrationStepKind.UpSql, e.File).SqlOrNull).OfType<SqlText>());
        return new SeedPlan(new MigrationPlan(source.Database, run, _findings, options.TransactionMode), seeds, _checksums);
    }

    private bool IsDone(SourceStep step, FileRow? row)
    {
        try
        {
            return options.IsOnce && row is { IsRunning: false } && row.Checksum == step.Checksum;
        }
        catch (HasuraMigrationException)
        {
            // It cannot be read, which the inspection reports.
            return false;
        }
    }

    private PlannedMigration? PlanOne(SeedEntry entry, SourceStep step, FileRow? row, int number)
    {
        var from = _findings.Count;
        var isInterrupted = row is { IsRunning: true } && !options.Restart;
        if (isInterrupted && options.TransactionMode == MigrationTransactionMode.All)
        {
            _findings.Add(Error("SeedUnfinished", $"A run without a transaction was interrupted after statement {row!.FinishedStatements} of this file, so that its rest cannot be part of one transaction.", entry.File));
        }

        // The rest of a file that ran without a transaction runs without one too.
        var mode = isInterrupted ? MigrationTransactionMode.None : options.TransactionMode;
        var found = new List<Finding>();
        var inspector = new StepInspector(source.Database, mode, snapshot.Traits, options.Variables, found, _enumLabels);
        var inspected = inspector.Inspect(step, number, allowEmptyDown: true);
        _findings.AddRange(found.Select(Adapt).OfType<Finding>().Select(f => MaskedErrors.Of(f, options.Variables.Mask)));
        if (inspected is null)
        {
            return null;
        }

        var planned = new PlannedMigration
        {
            Database = source.Database,
            Version = number,
            Name = entry.Path,
            Direction = MigrationDirection.Up,
            Steps = [inspected],
            IsTransactional = inspector.IsTransactional(inspected.Script),
            Source = new SourceMigration(number, entry.Path, entry.File, [step]),
            Mark = new FileMark(FileKind.Seed, entry.Path, step.Checksum, options.IsOnce, inspected.Statements.Any(MayChangeSchema)),
            Entry = row is null ? null : row.ToEntry(number),
        };
        planned = isInterrupted ? Resumption.Resume(planned, planned.Entry!.Row!, f => _findings.Add(Adapt(f)!))
            : planned.Entry is { State: MigrationState.Interrupted } rest ? planned with { Entry = rest with { State = MigrationState.Pending } }
            : planned;
        return planned with { Findings = _findings[from..] };
    }

    // What inspections say of migrations, as it is for seed files; null for what does not concern them.
    private static Finding? Adapt(Finding finding) => finding.Id switch
    {
        "StepTextNotKept" => null,
        "StepCommentOnly" => finding with { Version = null, Id = "SeedEmpty", Message = "The file contains no statement; it changes nothing." },
        _ => finding with { Version = null, RecommendedAction = Advice.GetValueOrDefault(finding.Id, finding.RecommendedAction!) },
    };

    // Of the statements that change data, all begin with one of these words. A query may call a function that changes a table, but
    // that is not what seed files are for.
    private static bool MayChangeSchema(SqlStatement statement) => !statement.Has(SqlStatementTraits.TemporaryObject) && statement.Class switch
    {
        SqlStatementClass.Other => FirstWord(statement) is not ("INSERT" or "UPDATE" or "DELETE" or "MERGE" or "TRUNCATE" or "LOCK" or "ANALYZE" or "NOTIFY" or "GRANT" or "REVOKE" or "REFRESH" or "EXECUTE" or "DEALLOCATE" or "FETCH" or "MOVE" or "CLOSE" or "CHECKPOINT" or "SHOW" or "EXPLAIN" or "UNLISTEN" or "LOAD"),
        SqlStatementClass.Create or SqlStatementClass.Alter or SqlStatementClass.Drop or SqlStatementClass.AddEnumValue or SqlStatementClass.CreateIndex or SqlStatementClass.DropIndex or SqlStatementClass.Do or SqlStatementClass.Call => true,
        _ => false,
    };

    private static string FirstWord(SqlStatement statement) =>
        string.Concat(statement.Beginning(12).TakeWhile(char.IsAsciiLetter)).ToUpperInvariant();

    private PlannedSeedInfo Info(SeedEntry entry, SeedOutcome outcome, PlannedMigration? planned) => new()
    {
        Database = source.Database,
        Path = entry.Path,
        File = entry.File,
        Outcome = outcome,
        StatementCount = planned?.Steps.Sum(s => s.Statements.Count()) ?? 0,
        IsTransactional = planned?.IsTransactional ?? true,
        ResumeAfter = planned?.ResumeAfter ?? 0,
        Findings = planned?.Findings ?? [],
    };

    private void CheckTarget()
    {
        if (snapshot.Traits.KeepsHistory)
        {
            return;
        }

        if (options.IsOnce)
        {
            _findings.Add(Error("SeedOnceNotSupported", $"The source is of the kind {snapshot.Traits.Kind}, where no record can be kept of which files ran.", null));
        }

        if (options.TransactionMode == MigrationTransactionMode.All && source.Entries.Count > 1)
        {
            _findings.Add(Error("SeedTransactionNotSupported", $"The source is of the kind {snapshot.Traits.Kind}, where a server runs each file in a transaction of its own.", null));
        }
    }

    // Through a server, one transaction is one request.
    private void CheckLength(List<PlannedMigration> run)
    {
        var length = run.Sum(m => m.Steps.Sum(s => (long)s.Script.Content.Length));
        if (options.TransactionMode == MigrationTransactionMode.All && run.Count > 1 && length > snapshot.Traits.MaximumCharacters)
        {
            _findings.Add(Error("FileTooLarge", $"The files have {length:N0} characters; through a Hasura server one transaction is one request of up to {snapshot.Traits.MaximumCharacters:N0}.", null) with { RecommendedAction = "Run with -TransactionMode PerFile, or connect straight to the database, where files are sent in parts." });
        }
    }

    private Finding Error(string id, string message, string? file) => new()
    {
        Id = id,
        Severity = FindingSeverity.Error,
        Message = message,
        Database = source.Database,
        File = file,
    };
}
