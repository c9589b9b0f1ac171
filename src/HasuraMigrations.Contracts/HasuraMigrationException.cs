namespace HasuraMigrations;

/// <summary>
/// The base of every error this module raises on purpose. <see cref="ErrorId"/> is stable; the message is for people.
/// </summary>
public class HasuraMigrationException : Exception
{
    private string _recommendedAction;

    /// <summary>Makes an error of an id known to <see cref="ErrorCatalog"/>.</summary>
    /// <param name="errorId">Stable identifier in Pascal case, one of <see cref="ErrorCatalog"/>.</param>
    /// <param name="message">What was being done, to what, and why it failed. Never holds a secret; it is made printable.</param>
    /// <param name="target">The migration, path or database concerned; never a connection string.</param>
    /// <param name="innerException">The cause, if another exception is the cause.</param>
    /// <param name="lines">What follows on lines of its own.</param>
    public HasuraMigrationException(string errorId, string message, object? target = null, Exception? innerException = null, IEnumerable<string>? lines = null)
        : base(Printable.Lines([Whole(message, innerException), .. lines ?? []]), innerException)
    {
        var definition = ErrorCatalog.Get(errorId);
        ErrorId = errorId;
        Kind = definition.Kind;
        Target = target;
        _recommendedAction = definition.RecommendedAction;
    }

    /// <summary>Stable identifier of the condition, in Pascal case.</summary>
    public string ErrorId { get; }

    /// <summary>The class of the error.</summary>
    public ErrorKind Kind { get; }

    /// <summary>The migration, path or database concerned; never a connection string.</summary>
    public object? Target { get; }

    /// <summary>What to do next.</summary>
    public string RecommendedAction { get => _recommendedAction; init => _recommendedAction = Printable.Of(value); }

    /// <summary>Full path of the file concerned, if one is.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1, where one can be named.</summary>
    public int? Line { get; init; }

    /// <summary>Column in <see cref="Line"/>, in characters from 1, where one can be named.</summary>
    public int? Column { get; init; }

    /// <summary>Everything that was found before the run was refused; empty for other errors.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The same error with another recommendation, where what is to be done next depends on where it happened.</summary>
    /// <param name="action">What to do next.</param>
    public HasuraMigrationException Recommend(string action)
    {
        var copy = (HasuraMigrationException)MemberwiseClone();
        copy._recommendedAction = Printable.Of(action);
        return copy;
    }

    // The message of a cause that is told within this one may have lines; its breaks would be shown as escapes.
    private static string Whole(string message, Exception? cause) =>
        cause is HasuraMigrationException ? message.Replace(cause.Message, Printable.Joined(cause.Message), StringComparison.Ordinal) : message;
}
