namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Work on a database failed and nothing of it happened.</summary>
/// <param name="cause">What the server said.</param>
/// <param name="attempts">The attempts, one for each migration.</param>
/// <param name="parts">What was sent.</param>
/// <param name="more">A sentence to add, with a blank before; empty for none.</param>
internal sealed class ServerWorkException(HasuraServerException cause, IReadOnlyList<Guid> attempts, IReadOnlyList<ScriptPart> parts, string more) : Exception(cause.Message, cause)
{
    internal HasuraServerException Cause => cause;

    internal IReadOnlyList<Guid> Attempts => attempts;

    internal string More => more;

    /// <summary>The error to make of it; null to judge by the database's code.</summary>
    internal string? ErrorId { get; init; }

    /// <summary>The part that failed; null where that is not known.</summary>
    internal ScriptPart? Part => ServerSql.PartOf(cause, parts);
}
