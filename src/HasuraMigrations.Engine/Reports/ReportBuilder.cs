namespace HasuraMigrations.Engine.Reports;

/// <summary>Collects the objects that the cmdlets write, and makes a report of them. Each object counts once.</summary>
/// <param name="root">Directory that paths are relative to.</param>
public sealed class ReportBuilder(string root)
{
    private readonly ReportRows _rows = new(root);
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
                Add(ReportRows.Seed(seed.Database, seed.Path, ReportMark.Done, seed.Outcome == SeedOutcome.Applied ? "Seed file run" : "Seed file skipped") with { Duration = seed.Duration, Notes = Printable.Of(seed.Notes) }, seed.Findings);
                break;
            case PlannedSeedInfo seed:
                Add(ReportRows.Seed(seed.Database, seed.Path, ReportMark.Waiting, seed.Outcome == SeedOutcome.Applied ? "Seed file to run" : "Seed file to skip") with { Notes = Printable.Of(seed.Notes) }, seed.Findings);
                break;
            case ReleaseResult release:
                Add(release);
                break;
            case MigrationResult result:
                Add(ReportRows.Migration(result), result.Findings);
                break;
            case PlannedMigrationInfo planned:
                Add(ReportRows.Migration(planned), planned.Findings);
                break;
            case HasuraMigration migration:
                Add(ReportRows.Migration(migration), migration.Findings);
                break;
            case MigrationLogEntry entry:
                Add(entry);
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
                _changes.Add(_rows.Change(change));
                break;
            case HasuraApiChange change:
                _api.Add(_rows.Change(change));
                break;
            case MetadataImportResult import:
                Add(import);
                break;
            case MetadataInconsistency inconsistency:
                Add(inconsistency);
                break;
            case HasuraImpact impact:
                Add([ReportRows.FindingOf(impact)]);
                break;
            case HasuraOperation operation:
                Add([.. operation.Problems.Select(p => ReportRows.FindingOf(operation, p))]);
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Takes an error of another command.</summary>
    /// <param name="id">Its identifier.</param>
    /// <param name="message">Its message, without secrets.</param>
    public void AddError(string id, string message) => _failures.Add(new ReportProblem(FindingSeverity.Error, Printable.Of(id), ReportRows.OnOneLine(message)));

    /// <summary>The report of all that came, as text.</summary>
    /// <param name="format">The format.</param>
    /// <param name="title">The heading.</param>
    /// <param name="createdAt">When it is made.</param>
    /// <param name="toolVersion">Version of the module.</param>
    public string Write(ReportFormat format, string title, DateTimeOffset createdAt, string toolVersion) => new Report
    {
        Title = ReportRows.OnOneLine(title),
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

    private void Add(MigrationLogEntry entry)
    {
        var row = ReportRows.Migration(entry);
        Add(row, []);
        if (row.Failure is { } error)
        {
            _failures.Add(error);
        }
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
            var problem = _rows.Problem(finding);
            if (_findings.Add(problem))
            {
                _orderedFindings.Add(problem);
            }
        }
    }

    private void Add(HasuraMigrationException failure)
    {
        var problem = _rows.Problem(failure);
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
        Add([new Finding { Id = "MetadataInconsistent", Severity = FindingSeverity.Error, Message = ReportRows.OnOneLine(subject is null ? reason : $"{subject}: {reason}") }]);
    }
}
