namespace HasuraMigrations.Engine.Reports;

/// <summary>Collects the objects that the cmdlets write, and makes a report of them. Each object counts once.</summary>
/// <param name="root">Directory that paths are relative to.</param>
public sealed class ReportBuilder(string root)
{
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<ReportProblem> _findings = [];
    private readonly List<ReportProblem> _orderedFindings = [];
    private readonly List<ReportMigration> _migrations = [];
    private readonly List<ReportProblem> _failures = [];
    private readonly List<ReportChange> _changes = [];
    private readonly List<ReportImport> _imports = [];
    private readonly List<ReportApiChange> _api = [];
    private int? _pending;

    /// <summary>Takes an object.</summary>
    /// <returns>False where it is none that a report can show.</returns>
    public bool Add(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!_seen.Add(value))
        {
            return true;
        }

        switch (value)
        {
            case MigrationRunSummary summary:
                Add(summary);
                break;
            case DatabaseRunSummary summary:
                Add(summary);
                break;
            case SeedResult seed:
                Add(Seed(seed.Database, seed.Path, ReportMark.Done, seed.Outcome == SeedOutcome.Applied ? "Seed file run" : "Seed file skipped") with { Duration = seed.Duration, Notes = Printable.Of(seed.Notes) }, seed.Findings);
                break;
            case PlannedSeedInfo seed:
                Add(Seed(seed.Database, seed.Path, ReportMark.Waiting, seed.Outcome == SeedOutcome.Applied ? "Seed file to run" : "Seed file to skip") with { Notes = Printable.Of(seed.Notes) }, seed.Findings);
                break;
            case ReleaseResult release:
                Add(release);
                break;
            case MigrationResult result:
                Add(Migration(result), result.Findings);
                break;
            case PlannedMigrationInfo planned:
                Add(Migration(planned), planned.Findings);
                break;
            case HasuraMigration migration:
                Add(Migration(migration), migration.Findings);
                break;
            case MigrationLogEntry entry:
                Add(Migration(entry), []);
                break;
            case Finding finding:
                Add([finding]);
                break;
            case HasuraProjectInfo project:
                Add(project.Findings);
                break;
            case HasuraMigrationException failure:
                Add(failure);
                break;
            case MetadataChange change:
                _changes.Add(Change(change));
                break;
            case HasuraApiChange change:
                _api.Add(Change(change));
                break;
            case MetadataImportResult import:
                Add(import);
                break;
            case MetadataInconsistency inconsistency:
                Add(inconsistency);
                break;
            case HasuraOperation operation:
                Add([.. operation.Problems.Select(p => FindingOf(operation, p))]);
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Takes an error of another command.</summary>
    /// <param name="id">Its identifier.</param>
    /// <param name="message">Its message, without secrets.</param>
    public void AddError(string id, string message) => _failures.Add(new ReportProblem(FindingSeverity.Error, Printable.Of(id), OnOneLine(message)));

    /// <summary>The report of all that came, as text.</summary>
    /// <param name="format">The format.</param>
    /// <param name="title">The heading.</param>
    /// <param name="createdAt">When it is made.</param>
    /// <param name="toolVersion">Version of the module.</param>
    public string Write(ReportFormat format, string title, DateTimeOffset createdAt, string toolVersion) => new Report
    {
        Title = OnOneLine(title),
        CreatedAt = createdAt,
        ToolVersion = toolVersion,
        Migrations = _migrations,
        Failures = _failures,
        Findings = _orderedFindings,
        Changes = _changes,
        Imports = _imports,
        Api = _api,
        Pending = _pending,
    }.Write(format);

    private static Finding FindingOf(HasuraOperation operation, HasuraOperationProblem problem) => new()
    {
        Id = problem.Rule,
        // What may be in a part of the schema that is not known is no error.
        Severity = problem.Hole is null ? problem.Severity : FindingSeverity.Warning,
        Message = $"{operation.Name ?? "operation"}{(operation.Role is null ? "" : $" ({operation.Role})")}: {problem.Message}",
        File = problem.File,
        Line = problem.Line,
        Column = problem.Column,
    };

    private void Add(MigrationRunSummary summary)
    {
        foreach (var database in summary.Databases)
        {
            Add((object)database);
        }

        if (summary.Failure is { } failure)
        {
            Add((object)failure);
        }
    }

    private void Add(ReleaseResult release)
    {
        foreach (var part in release.Databases.Concat<object?>([release.Metadata, .. release.Seeds, release.Failure]).OfType<object>())
        {
            Add(part);
        }

        Add(release.Findings);
        Add([.. release.NotUndone.Select(s => new Finding { Id = "ReleaseNotUndone", Severity = FindingSeverity.Warning, Message = s })]);
        if (release.MetadataRestored is { } isRestored && release.Target is { } target)
        {
            _imports.Add(new ReportImport(Printable.Of(target), isRestored ? "Returned to the metadata that was there before" : "Not returned to the metadata that was there before", ReportMark.Attention));
        }
    }

    private void Add(DatabaseRunSummary summary)
    {
        foreach (var result in summary.Results)
        {
            Add((object)result);
        }

        Add(summary.Findings);
        if (summary.Failure is { } failure)
        {
            Add((object)failure);
        }

        _pending = summary.Pending is { } pending ? (_pending ?? 0) + pending : _pending;
    }

    private void Add(ReportMigration migration, IReadOnlyList<Finding> findings)
    {
        _migrations.Add(migration);
        Add(findings);
    }

    private void Add(IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
        {
            var problem = new ReportProblem(finding.Severity, Printable.Of(finding.Id), finding.Message)
            {
                Database = Printable.Of(finding.Database),
                Version = finding.Version,
                Place = Place(finding.File, finding.Line, finding.Column),
                Action = finding.RecommendedAction ?? "",
            };
            if (_findings.Add(problem))
            {
                _orderedFindings.Add(problem);
            }
        }
    }

    private void Add(HasuraMigrationException failure)
    {
        var problem = Problem(failure);
        _failures.Add(problem);
        Add(failure.Findings);
        if (failure is MigrationFailedException failed)
        {
            _migrations.Add(new ReportMigration(Printable.Of(failed.Database), failed.Version, Printable.Of(failed.Name), ReportMark.Failed, "Failed") { Failure = problem });
        }

        if (failure is HasuraServerException server)
        {
            foreach (var inconsistency in server.Inconsistencies)
            {
                Add((object)inconsistency);
            }
        }
    }

    private ReportProblem Problem(HasuraMigrationException failure)
    {
        var failed = failure as MigrationFailedException;
        var details = new[] { ("", failed?.SourceLine), ("Detail: ", failed?.Detail), ("Hint: ", failed?.Hint), ("Context: ", failed?.Context) };
        // A message of findings has one line for each, and they are listed as findings.
        var message = failure.Findings.Count > 0 ? failure.Message.Split('\n')[0].Trim() : failure.Message;
        return new ReportProblem(FindingSeverity.Error, failure.ErrorId, OnOneLine(message))
        {
            Database = Printable.Of(failed?.Database),
            Version = failed is { Version: > 0 } ? failed.Version : null,
            Place = Place(failure.File, failure.Line, failure.Column),
            Lines = [.. details.Where(d => !string.IsNullOrEmpty(d.Item2)).Select(d => Printable.Of(d.Item1 + d.Item2))],
            Action = OnOneLine(failure.RecommendedAction),
        };
    }

    private void Add(MetadataImportResult import)
    {
        var consistent = import.IsConsistent switch
        {
            true => ", consistent",
            false => $", {import.Inconsistencies.Count} inconsistent",
            null => "",
        };
        var version = import.ResourceVersion is { } number ? $", resource version {number}" : "";
        var outcome = import.Changed ? $"Imported, {import.Changes.Count} change{(import.Changes.Count == 1 ? "" : "s")}{version}{consistent}" : $"Already up to date{version}{consistent}";
        _imports.Add(new ReportImport(Printable.Of(import.Target), outcome, import.IsConsistent == false || import.EffectsNotDone.Count > 0 ? ReportMark.Attention : ReportMark.Done));
        foreach (var part in import.Changes.Concat<object>(import.Inconsistencies))
        {
            Add(part);
        }

        Add(import.Findings);
        Add([.. import.EffectsNotDone.Select(e => new Finding { Id = "MetadataSideEffects", Severity = FindingSeverity.Warning, Message = $"Not done: {e}" })]);
    }

    private void Add(MetadataInconsistency inconsistency)
    {
        var subject = inconsistency.Name ?? inconsistency.Type;
        var reason = inconsistency.Message is null ? inconsistency.Reason : $"{inconsistency.Reason} ({inconsistency.Message})";
        Add([new Finding { Id = "MetadataInconsistent", Severity = FindingSeverity.Error, Message = OnOneLine(subject is null ? reason : $"{subject}: {reason}") }]);
    }

    private ReportChange Change(MetadataChange change) => new(
        change.Change,
        change.Kind.ToString(),
        Printable.Of(change.Id),
        OnOneLine(change.Description),
        [.. change.Fields.Select(f => (Printable.Of(f.Path), Printable.Of(f.Old), Printable.Of(f.New)))],
        Place(change.File, change.Line, null));

    private ReportApiChange Change(HasuraApiChange change) =>
        ReportApiChange.Of(change, Place(change.StatementFile ?? change.File, change.StatementFile is null ? change.Line : change.StatementLine, null));

    private static ReportMigration Seed(string database, string path, ReportMark mark, string outcome) => new(Printable.Of(database), 0, Printable.Of(path), mark, outcome);

    private static ReportMigration Migration(MigrationResult result) => new(
        Printable.Of(result.Database),
        result.Version,
        Printable.Of(result.Name),
        ReportMark.Done,
        result.Outcome switch
        {
            MigrationOutcome.Applied => "Applied",
            MigrationOutcome.RolledBack => "Rolled back",
            MigrationOutcome.Recorded => "Recorded",
            _ => "Record removed",
        })
    {
        Duration = result.Duration,
        Notes = Printable.Of(result.Notes),
    };

    private static ReportMigration Migration(PlannedMigrationInfo planned) => new(
        Printable.Of(planned.Database),
        planned.Version,
        Printable.Of(planned.Name),
        ReportMark.Waiting,
        planned.Direction == MigrationDirection.Up ? "To apply" : "To roll back")
    {
        Notes = Printable.Of(planned.Notes),
    };

    private static ReportMigration Migration(HasuraMigration migration) => new(
        Printable.Of(migration.Database),
        migration.Version,
        Printable.Of(migration.Name),
        migration.Status switch
        {
            MigrationState.Applied => ReportMark.Done,
            MigrationState.Pending => ReportMark.Waiting,
            _ => ReportMark.Attention,
        },
        migration.Status == MigrationState.InDoubt ? "In doubt" : migration.Status.ToString())
    {
        At = migration.AppliedAt,
        Notes = Printable.Of(migration.Notes),
    };

    private ReportMigration Migration(MigrationLogEntry entry)
    {
        var error = entry.Error is null ? null : new ReportProblem(FindingSeverity.Error, Printable.Of(entry.SqlState ?? "Failed"), OnOneLine(entry.Error)) { Database = Printable.Of(entry.Database), Version = entry.Version };
        if (error is not null)
        {
            _failures.Add(error);
        }

        var direction = entry.Direction == MigrationDirection.Down ? ", down" : "";
        return new ReportMigration(Printable.Of(entry.Database), entry.Version, Printable.Of(entry.Name), error is null ? ReportMark.Done : ReportMark.Failed, Printable.Of($"{entry.Outcome}{direction}"))
        {
            Duration = entry.Duration,
            At = entry.LoggedAt,
            Failure = error,
        };
    }

    private ReportPlace? Place(string? file, int? line, int? column)
    {
        if (string.IsNullOrEmpty(file))
        {
            return null;
        }

        var path = ReportRoot.Relative(root, file);
        return new ReportPlace(Printable.Of(path), !Path.IsPathFullyQualified(path), line is > 0 ? line : null, line is > 0 && column is > 0 ? column : null);
    }

    private static string OnOneLine(string text) => AgentLog.OnOneLine(text);
}
