namespace HasuraMigrations;

/// <summary>In which direction dependencies are followed.</summary>
public enum DependencyDirection
{
    /// <summary>What depends on the object.</summary>
    Dependents,

    /// <summary>What the object depends on.</summary>
    Dependencies,
}

/// <summary>An object that depends on another one, or that another one depends on.</summary>
public sealed record HasuraDependency
{
    /// <summary>Name of the object that was found, such as <c>public.users.email</c>; of a permission table, operation and role, joined by slashes.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required DependencyObjectKind Kind { get; init; }

    /// <summary>Name of its source; null for objects that belong to none.</summary>
    public string? Source { get; init; }

    /// <summary>The role of a permission; null for others.</summary>
    public string? Role { get; init; }

    /// <summary>How the one depends on the other.</summary>
    public required DependencyKind Relation { get; init; }

    /// <summary>The object at the other end of the dependency: with <see cref="Depth"/> 1, one that was asked for or a part of it.</summary>
    public required string RelatedTo { get; init; }

    /// <summary>What that is.</summary>
    public required DependencyObjectKind RelatedKind { get; init; }

    /// <summary>In which direction it was found.</summary>
    public required DependencyDirection Direction { get; init; }

    /// <summary>How many dependencies lie between it and the object that was asked for, from 1.</summary>
    public required int Depth { get; init; }

    /// <summary>Names of the objects between; empty with <see cref="Depth"/> 1.</summary>
    public IReadOnlyList<string> Through { get; init; } = [];

    /// <summary>Full path of the file with the reference; null for what a database knows.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
