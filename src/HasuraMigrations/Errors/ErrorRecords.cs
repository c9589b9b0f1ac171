using System.Management.Automation;
using System.Text;

namespace HasuraMigrations.Errors;

/// <summary>The one place where error records are made.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of an error of ours.</summary>
    /// <param name="exception">The error.</param>
    /// <param name="database">The database of several that it is about; null where that is clear.</param>
    internal static ErrorRecord From(HasuraMigrationException exception, string? database = null)
    {
        var text = Text(exception);
        var subject = database is null || text.Contains($"'{database}'", StringComparison.Ordinal) ? "" : $"Database '{database}': ";
        return new(exception, exception.ErrorId, CategoryOf(exception.Kind), exception.Target)
        {
            ErrorDetails = new ErrorDetails(subject + text) { RecommendedAction = exception.RecommendedAction },
        };
    }

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

    // The line with a caret under the column, cut where it is long; a tab stays a tab, so that the caret stands below.
    private static void AddSourceLine(StringBuilder text, MigrationFailedException failed)
    {
        if (failed is not { SourceLine: { Length: > 0 } line, Line: { } number, Column: { } column })
        {
            return;
        }

        const int Width = 100;
        var from = Math.Clamp(column - (Width / 2), 0, Math.Max(0, line.Length - Width));
        var shown = line.Substring(from, Math.Min(Width, line.Length - from));
        var prefix = $"{number} | ";
        var indent = string.Concat(shown.Take(Math.Max(0, column - 1 - from)).Select(c => c == '\t' ? '\t' : ' '));
        text.AppendLine().Append(prefix).Append(shown).AppendLine().Append(' ', prefix.Length).Append(indent).Append('^');
    }

    private static string Text(HasuraMigrationException exception)
    {
        if (exception is not MigrationFailedException failed)
        {
            return exception.Message;
        }

        var text = new StringBuilder(exception.Message);
        AddSourceLine(text, failed);
        if (!string.IsNullOrEmpty(failed.Detail))
        {
            text.AppendLine().Append("Detail: ").Append(failed.Detail);
        }

        if (!string.IsNullOrEmpty(failed.Hint))
        {
            text.AppendLine().Append("Hint: ").Append(failed.Hint);
        }

        if (!string.IsNullOrEmpty(failed.Context))
        {
            text.AppendLine().Append("Context: ").Append(failed.Context);
        }

        return text.AppendLine().Append(failed.AppliedBefore switch
        {
            0 => "No migration of this run was committed before it.",
            1 => "1 migration of this run was committed before it.",
            var n => $"{n} migrations of this run were committed before it.",
        }).ToString();
    }
}
