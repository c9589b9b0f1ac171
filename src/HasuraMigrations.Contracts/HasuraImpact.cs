namespace HasuraMigrations;

/// <summary>What a change does to an object of the metadata or to a field of the API.</summary>
public enum ImpactEffect
{
    /// <summary>An object of the metadata becomes inconsistent, so that a server drops it from the API.</summary>
    Breaks,

    /// <summary>A role can do more than before, although its permission was not changed.</summary>
    Widens,

    /// <summary>A role loses a field or an operation.</summary>
    Loses,

    /// <summary>A field gets another name for a role.</summary>
    Renames,

    /// <summary>A field changes its type for a role.</summary>
    ChangesType,
}

/// <summary>One thing that a change breaks, widens, takes away, renames or gives another type.</summary>
public sealed record HasuraImpact
{
    /// <summary>What happens.</summary>
    public required ImpactEffect Effect { get; init; }

    /// <summary>How much it matters: Error for what breaks and for what becomes wider, Warning for the rest.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>What the object is.</summary>
    public required DependencyObjectKind Kind { get; init; }

    /// <summary>Name of the object, such as <c>public.users.email</c>; of a permission table, operation and role, joined by slashes.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its source; null for objects that belong to none.</summary>
    public string? Source { get; init; }

    /// <summary>The role that is affected; null where it is not about one.</summary>
    public string? Role { get; init; }

    /// <summary>The field of the API as type and field, such as <c>users.email</c>; null where it is not about one.</summary>
    public string? Field { get; init; }

    /// <summary>The operations that are affected: select, insert, update, delete; empty where it is not about a role.</summary>
    public IReadOnlyList<string> Operations { get; init; } = [];

    /// <summary>What happens, in a sentence; printable on one line.</summary>
    public required string Message { get; init => field = Printable.Of(value); }

    /// <summary>Full path of the metadata file with the object or the reference; null where none is known.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The beginning of the statement that does it; null where it is not one statement.</summary>
    public string? Statement { get; init; }

    /// <summary>Full path of the file with the statement; null for a text that was given.</summary>
    public string? StatementFile { get; init; }

    /// <summary>Line of the statement, from 1.</summary>
    public int? StatementLine { get; init; }

    /// <summary>Version of the migration with the statement; null for a text that was given.</summary>
    public long? Version { get; init; }

    /// <summary>The message.</summary>
    public override string ToString() => Message;
}
