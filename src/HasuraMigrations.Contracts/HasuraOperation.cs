namespace HasuraMigrations;

/// <summary>What an operation of GraphQL does.</summary>
public enum HasuraOperationKind
{
    /// <summary>It reads.</summary>
    Query,

    /// <summary>It writes.</summary>
    Mutation,

    /// <summary>It is told of changes.</summary>
    Subscription,
}

/// <summary>Whether a role can run an operation.</summary>
public enum HasuraOperationStatus
{
    /// <summary>The role can run it.</summary>
    Valid,

    /// <summary>The role could not run it before the change, and can after it.</summary>
    Mended,

    /// <summary>A part of the schema is not known, and may have what is missed.</summary>
    Unknown,

    /// <summary>The role cannot run it.</summary>
    Invalid,

    /// <summary>The role could run it before the change, and cannot after it.</summary>
    Breaks,
}

/// <summary>The least status of operations that is an error.</summary>
public enum HasuraOperationLimit
{
    /// <summary>Operations that cannot be run, or of which that is not known.</summary>
    Unknown,

    /// <summary>Operations that cannot be run.</summary>
    Invalid,

    /// <summary>Operations that a change breaks.</summary>
    Breaks,
}

/// <summary>An operation of GraphQL, validated against the schema of a role.</summary>
public sealed record HasuraOperation
{
    /// <summary>Name of the operation, or the key of its text where it has none; null where it has neither.</summary>
    public required string? Name { get; init => field = value is null ? null : Printable.Of(value); }

    /// <summary>What it does; null where the text cannot be read.</summary>
    public HasuraOperationKind? Kind { get; init; }

    /// <summary>The role; null where the text cannot be read.</summary>
    public string? Role { get; init; }

    /// <summary>Whether the role can run it.</summary>
    public required HasuraOperationStatus Status { get; init; }

    /// <summary>Full path of the file with the first problem, or with the operation where there is none; null where it is in no file.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1; null where no line can be named.</summary>
    public int? Line { get; init; }

    /// <summary>Column in <see cref="Line"/>, in characters from 1; null where no column can be named.</summary>
    public int? Column { get; init; }

    /// <summary>The collection of queries that it is stored in; null for none.</summary>
    public string? Collection { get; init; }

    /// <summary>The REST endpoints that run it.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Rule of GraphQL of the first problem, such as FieldsOnCorrectType; null for none.</summary>
    public string? Rule => Problems.Count == 0 ? null : Problems[0].Rule;

    /// <summary>The first problem in a sentence; null for none.</summary>
    public string? Message => Problems.Count == 0 ? null : Problems[0].Message;

    /// <summary>All problems, those that servers refuse before the others.</summary>
    public IReadOnlyList<HasuraOperationProblem> Problems { get; init; } = [];

    /// <summary>Status, name and first problem on one line.</summary>
    public override string ToString() => $"{Status}: {Name}{(Role is null ? "" : $" ({Role})")}{(Message is null ? "" : $": {Message}")}";
}

/// <summary>One thing that is wrong with an operation.</summary>
/// <param name="Rule">Rule of GraphQL, such as FieldsOnCorrectType.</param>
/// <param name="Severity">Error if servers refuse the operation; Warning if they take it, although GraphQL forbids it.</param>
/// <param name="File">Full path of the file; null where it is in none.</param>
/// <param name="Line">Line, from 1; null where no line can be named.</param>
/// <param name="Column">Column, from 1; null where no column can be named.</param>
public sealed record HasuraOperationProblem(string Rule, FindingSeverity Severity, string? File, int? Line, int? Column)
{
    /// <summary>What is wrong, in a sentence; printable on one line.</summary>
    public required string Message { get; init => field = Printable.Of(value); }

    /// <summary>Names of the parts of the schema that are not known and may have what is missed; null for none.</summary>
    public string? Hole { get; init; }

    /// <summary>The message.</summary>
    public override string ToString() => Message;
}
