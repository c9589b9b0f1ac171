namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>A text with operations of GraphQL, and where it stands.</summary>
/// <param name="Text">The text.</param>
public sealed record OperationText(string Text)
{
    /// <summary>Full path of its file; null where it is in none.</summary>
    public string? File { get; init; }

    /// <summary>Line in the file at which it begins, from 1; null where that is not known.</summary>
    public int? Line { get; init; }

    /// <summary>Column in that line, from 1; null where that is not known.</summary>
    public int? Column { get; init; }

    /// <summary>Its lines are those of the file. They are not where it is a string in YAML or JSON.</summary>
    public bool IsVerbatim { get; init; }

    /// <summary>It is only there for its fragments.</summary>
    public bool IsImported { get; init; }

    /// <summary>Key under which it is kept: the hash of a persisted query, or the name of a query in a collection.</summary>
    public string? Key { get; init; }

    /// <summary>The collection of queries that it is in; null for none.</summary>
    public string? Collection { get; init; }

    /// <summary>The REST endpoints that run it.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>The roles that may run it; null where the metadata does not say.</summary>
    public IReadOnlyList<string>? Roles { get; init; }
}
