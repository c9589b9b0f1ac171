namespace HasuraMigrations;

/// <summary>One thing to tell about a project, a plan, or the recorded history.</summary>
public sealed record Finding
{
    /// <summary>Stable identifier in Pascal case, listed in the table of errors and findings.</summary>
    public required string Id { get; init; }

    /// <summary>How much it matters.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>What was found, in a sentence; printable on one line.</summary>
    public required string Message { get; init => field = Printable.Of(value); }

    /// <summary>The database (source name) it belongs to, if any.</summary>
    public string? Database { get; init; }

    /// <summary>The migration version it belongs to, if any.</summary>
    public long? Version { get; init; }

    /// <summary>Full path of the file it belongs to, if any.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1; null where no line can be named.</summary>
    public int? Line { get; init; }

    /// <summary>Column in <see cref="Line"/>, in characters from 1; null where no column can be named.</summary>
    public int? Column { get; init; }

    /// <summary>What to do next, if there is something to do.</summary>
    public string? RecommendedAction { get; init => field = value is null ? null : Printable.Of(value); }

    /// <summary>What an error says, as findings: those that it has, or one of severity Error.</summary>
    public static IReadOnlyList<Finding> Of(HasuraMigrationException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Findings.Count > 0 ? exception.Findings :
        [
            new Finding
            {
                Id = exception.ErrorId,
                Severity = FindingSeverity.Error,
                Message = exception.Message,
                File = exception.File,
                Line = exception.Line,
                Column = exception.Column,
                RecommendedAction = exception.RecommendedAction,
            },
        ];
    }

    /// <summary>Severity, id, place and message on one line.</summary>
    public override string ToString()
    {
        var place = File is null ? "" : $"{File}{(Line is null ? "" : $":{Line}")}{(Column is null ? "" : $":{Column}")}: ";
        return $"{Severity.ToString().ToLowerInvariant()} {Id}: {Printable.Of(place)}{Message}";
    }
}
