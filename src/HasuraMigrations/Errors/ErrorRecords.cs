using System.Management.Automation;
using System.Text;

namespace HasuraMigrations.Errors;

/// <summary>The one place where error records are made.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of an error of ours.</summary>
    internal static ErrorRecord From(HasuraMigrationException exception) =>
        new(exception, exception.ErrorId, CategoryOf(exception.Kind), exception.Target)
        {
            ErrorDetails = new ErrorDetails(Text(exception)) { RecommendedAction = exception.RecommendedAction },
        };

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

    private static string Text(HasuraMigrationException exception)
    {
        if (exception is not MigrationFailedException failed)
        {
            return exception.Message;
        }

        var text = new StringBuilder(exception.Message);
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
