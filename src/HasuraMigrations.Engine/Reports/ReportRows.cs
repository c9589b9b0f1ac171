namespace HasuraMigrations.Engine.Reports;

/// <summary>Makes the rows of a report of the objects that the cmdlets write.</summary>
/// <param name="root">Directory that paths are relative to.</param>
internal sealed class ReportRows(string root)
{
    /// <summary>A finding.</summary>
    internal ReportProblem Problem(Finding finding) => new(finding.Severity, Printable.Of(finding.Id), finding.Message)
    {
        Database = Printable.Of(finding.Database),
        Version = finding.Version,
        Place = Place(finding.File, finding.Line, finding.Column),
        Action = finding.RecommendedAction ?? "",
    };

    /// <summary>An error with the line of the file, and what the database said of it.</summary>
    internal ReportProblem Problem(HasuraMigrationException failure)
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

    /// <summary>What is wrong with an operation.</summary>
    internal static Finding FindingOf(HasuraOperation operation, HasuraOperationProblem problem) => new()
    {
        Id = problem.Rule,
        // What may be in a part of the schema that is not known is no error.
        Severity = problem.Hole is null ? problem.Severity : FindingSeverity.Warning,
        Message = $"{operation.Name ?? "operation"}{(operation.Role is null ? "" : $" ({operation.Role})")}: {problem.Message}",
        File = problem.File,
        Line = problem.Line,
        Column = problem.Column,
    };

    /// <summary>What a change breaks, with the statement that does it, or the part of the metadata that is broken.</summary>
    internal static Finding FindingOf(HasuraImpact impact) => new()
    {
        Id = $"Impact{impact.Effect}",
        Severity = impact.Severity,
        Message = impact.Message,
        Database = impact.Source,
        Version = impact.Version,
        File = impact.StatementFile ?? impact.File,
        Line = impact.StatementFile is null ? impact.Line : impact.StatementLine,
    };

    /// <summary>A change of the metadata.</summary>
    internal ReportChange Change(MetadataChange change) => new(
        change.Change,
        change.Kind.ToString(),
        Printable.Of(change.Id),
        OnOneLine(change.Description),
        [.. change.Fields.Select(f => (Printable.Of(f.Path), Printable.Of(f.Old), Printable.Of(f.New)))],
        Place(change.File, change.Line, null));

    /// <summary>A change of the API.</summary>
    internal ReportApiChange Change(HasuraApiChange change) =>
        ReportApiChange.Of(change, Place(change.StatementFile ?? change.File, change.StatementFile is null ? change.Line : change.StatementLine, null));

    /// <summary>A seed file.</summary>
    internal static ReportMigration Seed(string database, string path, ReportMark mark, string outcome) => new(Printable.Of(database), 0, Printable.Of(path), mark, outcome);

    /// <summary>A migration that was run.</summary>
    internal static ReportMigration Migration(MigrationResult result) => new(
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

    /// <summary>A migration that would be run.</summary>
    internal static ReportMigration Migration(PlannedMigrationInfo planned) => new(
        Printable.Of(planned.Database),
        planned.Version,
        Printable.Of(planned.Name),
        ReportMark.Waiting,
        planned.Direction == MigrationDirection.Up ? "To apply" : "To roll back")
    {
        Notes = Printable.Of(planned.Notes),
    };

    /// <summary>A migration with its status.</summary>
    internal static ReportMigration Migration(HasuraMigration migration) => new(
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

    /// <summary>An entry of the log, with its error.</summary>
    internal static ReportMigration Migration(MigrationLogEntry entry)
    {
        var error = entry.Error is null ? null : new ReportProblem(FindingSeverity.Error, Printable.Of(entry.SqlState ?? "Failed"), OnOneLine(entry.Error)) { Database = Printable.Of(entry.Database), Version = entry.Version };
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

    /// <summary>Text that may have several lines, on one.</summary>
    internal static string OnOneLine(string text) => AgentLog.OnOneLine(text);
}
