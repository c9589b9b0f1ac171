using System.Management.Automation;
using System.Text.RegularExpressions;

namespace HasuraMigrations.Errors;

/// <summary>The one place where error records are made.</summary>
internal static partial class ErrorRecords
{
    private const int MaximumListed = 50;

    /// <summary>The record of an error of ours.</summary>
    /// <param name="exception">The error.</param>
    /// <param name="database">The database of several that it is about; null where that is clear.</param>
    internal static ErrorRecord From(HasuraMigrationException exception, string? database = null) => Record(exception, database, Text(exception));

    /// <summary>The shell's category for a class of errors.</summary>
    internal static ErrorCategory CategoryOf(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidArgument => ErrorCategory.InvalidArgument,
        ErrorKind.InvalidData => ErrorCategory.InvalidData,
        ErrorKind.ParserError => ErrorCategory.ParserError,
        ErrorKind.ObjectNotFound => ErrorCategory.ObjectNotFound,
        ErrorKind.ResourceExists => ErrorCategory.ResourceExists,
        ErrorKind.ResourceBusy => ErrorCategory.ResourceBusy,
        ErrorKind.ResourceUnavailable => ErrorCategory.ResourceUnavailable,
        ErrorKind.ConnectionError => ErrorCategory.ConnectionError,
        ErrorKind.AuthenticationError => ErrorCategory.AuthenticationError,
        ErrorKind.PermissionDenied => ErrorCategory.PermissionDenied,
        ErrorKind.LimitsExceeded => ErrorCategory.LimitsExceeded,
        ErrorKind.OperationTimeout => ErrorCategory.OperationTimeout,
        ErrorKind.InvalidOperation => ErrorCategory.InvalidOperation,
        ErrorKind.InvalidResult => ErrorCategory.InvalidResult,
        ErrorKind.ReadError => ErrorCategory.ReadError,
        ErrorKind.WriteError => ErrorCategory.WriteError,
        ErrorKind.NotImplemented => ErrorCategory.NotImplemented,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>
    /// Shapes an error for a view that joins its lines, as ConciseView does for calls in script files and for the category ParserError.
    /// </summary>
    /// <param name="exception">The error.</param>
    /// <param name="database">The database of several that it is about; null where that is clear.</param>
    /// <returns>What needs lines of its own and is to be written before, and the error on one line.</returns>
    internal static (IReadOnlyList<string> Parts, ErrorRecord Record) OnOneLine(HasuraMigrationException exception, string? database = null)
    {
        if (exception.Findings.Count > 1)
        {
            return (FindingLines(exception.Findings), Record(exception, database, Summary(exception)));
        }

        var text = OneLine().Replace(string.Join(' ', [exception.Message, .. exception is MigrationFailedException failed ? Remarks(failed) : []]), " ");
        IReadOnlyList<string> parts = exception is MigrationFailedException { SourceLine: not null } located && SourceExcerpt(located) is { } excerpt ? [Environment.NewLine + excerpt] : [];
        return (parts, Record(exception, database, text));
    }

    private static ErrorRecord Record(HasuraMigrationException exception, string? database, string text)
    {
        var subject = database is null || text.Contains($"'{database}'", StringComparison.Ordinal) ? "" : $"Database '{database}': ";
        var record = new ErrorRecord(exception, exception.ErrorId, CategoryOf(exception.Kind), exception.Target)
        {
            ErrorDetails = new ErrorDetails(Printable.Of(subject) + text) { RecommendedAction = exception.RecommendedAction },
        };
        // Views of errors show the name of the target as well as the message.
        record.CategoryInfo.TargetName = Printable.Of(record.CategoryInfo.TargetName);
        return record;
    }

    private static List<string> FindingLines(IReadOnlyList<Finding> findings)
    {
        var lines = findings.Take(MaximumListed).Select(f => OneLine().Replace(Formatting._Format.FindingText(f), " ")).ToList();
        if (findings.Count > MaximumListed)
        {
            lines.Add($"{findings.Count - MaximumListed} more findings are in the property Findings of the exception.");
        }

        return lines;
    }

    // A message of findings begins with a line of its own, or at once with the first finding.
    private static string Summary(HasuraMigrationException exception)
    {
        var head = exception.Message.Split('\n')[0].Trim().TrimEnd(':', '.');
        // Warnings are listed beside them, and are not what it failed for.
        var errors = exception.Findings.Where(f => f.Severity == FindingSeverity.Error).ToList();
        errors = errors.Count > 0 ? errors : [.. exception.Findings];
        var count = $"{errors.Count} error{(errors.Count == 1 ? "" : "s")}, listed above: {string.Join(", ", errors.Select(f => f.Id).Distinct())}.";
        return head.Contains(exception.Findings[0].Message.TrimEnd('.'), StringComparison.Ordinal) ? count : $"{head}: {count}";
    }

    // The line with a caret under the column, cut where it is long; a tab stays a tab, so that the caret stands below.
    private static string? SourceExcerpt(MigrationFailedException failed)
    {
        if (failed is not { SourceLine: { Length: > 0 } line, Line: { } number, Column: { } column })
        {
            return null;
        }

        const int Width = 100;
        var from = Math.Clamp(column - (Width / 2), 0, Math.Max(0, line.Length - Width));
        var shown = Printable.InPlace(line.Substring(from, Math.Min(Width, line.Length - from)));
        var prefix = $"{number} | ";
        var indent = string.Concat(shown.Take(Math.Max(0, column - 1 - from)).Select(c => c == '\t' ? '\t' : ' '));
        return $"{prefix}{shown}{Environment.NewLine}{new string(' ', prefix.Length)}{indent}^";
    }

    private static string Text(HasuraMigrationException exception) => exception is MigrationFailedException failed
        ? string.Join(Environment.NewLine, new[] { exception.Message, SourceExcerpt(failed) }.OfType<string>().Concat(Remarks(failed)))
        : exception.Message;

    // What the server added, and what stays of the run.
    private static IEnumerable<string> Remarks(MigrationFailedException failed)
    {
        foreach (var (label, text) in new[] { ("Detail", failed.Detail), ("Hint", failed.Hint), ("Context", failed.Context) })
        {
            if (!string.IsNullOrEmpty(text))
            {
                yield return Printable.Of($"{label}: {text}");
            }
        }

        var kind = failed.ErrorId.StartsWith("Seed", StringComparison.Ordinal) ? "seed file" : "migration";
        yield return failed.AppliedBefore switch
        {
            0 => $"No {kind} of this run was committed before it.",
            1 => $"1 {kind} of this run was committed before it.",
            var n => $"{n} {kind}s of this run were committed before it.",
        };
    }

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex OneLine();
}
