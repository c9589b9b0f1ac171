namespace HasuraMigrations.Engine.Migrations;

/// <summary>Makes one error of those of several databases.</summary>
public static class DatabaseFailures
{
    private const int MaximumShown = 50;

    /// <summary>One error for all that failed.</summary>
    /// <param name="failed">The databases that failed, each with its error.</param>
    /// <param name="count">Number of databases.</param>
    public static HasuraMigrationException Join(IEnumerable<(string Database, HasuraMigrationException Failure)> failed, int count)
    {
        var findings = failed.Select(f => ToFinding(f.Database, f.Failure)).ToList();
        var lines = findings.Take(MaximumShown).Select(f => $"  Database '{f.Database}': {f}");
        return new HasuraMigrationException(
            "DatabasesFailed",
            $"The command failed on {findings.Count} of {count} databases, and ended on the others:",
            lines: findings.Count > MaximumShown ? lines.Append($"  and {findings.Count - MaximumShown} more") : lines)
        {
            Findings = findings,
        };
    }

    private static Finding ToFinding(string database, HasuraMigrationException failure) => new()
    {
        Id = failure.ErrorId,
        Severity = FindingSeverity.Error,
        Message = Printable.Joined(failure.Message),
        Database = database,
        File = failure.File,
        Line = failure.Line,
        Column = failure.Column,
    };
}
