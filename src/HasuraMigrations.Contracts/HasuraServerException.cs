namespace HasuraMigrations;

/// <summary>What a Hasura server, or the way to it, made of a request.</summary>
public sealed class HasuraServerException : HasuraMigrationException
{
    /// <summary>Makes an error of an id known to <see cref="ErrorCatalog"/>.</summary>
    /// <param name="errorId">Stable identifier in Pascal case.</param>
    /// <param name="message">What was being done, to what, and why it failed. Never holds a secret.</param>
    /// <param name="target">The endpoint.</param>
    /// <param name="innerException">The cause, if another exception is the cause.</param>
    public HasuraServerException(string errorId, string message, object? target = null, Exception? innerException = null)
        : base(errorId, message, target, innerException)
    {
    }

    /// <summary>HTTP status; null where no answer came.</summary>
    public int? Status { get; init; }

    /// <summary>Hasura's code, such as <c>parse-failed</c>; null where the answer is not Hasura's.</summary>
    public string? Code { get; init; }

    /// <summary>Where in the request Hasura saw the error, such as <c>$.args.name</c>.</summary>
    public string? Path { get; init; }

    /// <summary>SQLSTATE of the database's error, where it is one.</summary>
    public string? SqlState { get; init; }

    /// <summary>What the database said, where it is its error.</summary>
    public string? DatabaseMessage { get; init; }

    /// <summary>The database's hint.</summary>
    public string? DatabaseHint { get; init; }

    /// <summary>True where the server may have done what it was asked to, or may still do it.</summary>
    public bool MayHaveRun { get; init; }

    /// <summary>What Hasura adds to the error in its member <c>internal</c>, as JSON text; null for nothing.</summary>
    public string? Internal { get; init; }

    /// <summary>Objects of the metadata that do not fit, where that is the reason.</summary>
    public IReadOnlyList<MetadataInconsistency> Inconsistencies { get; init; } = [];
}
