namespace HasuraMigrations;

/// <summary>A field of a metadata object that both sides of a merge changed, each in another way.</summary>
public sealed record MetadataMergeConflict
{
    /// <summary>What the object is.</summary>
    public required MetadataObjectKind Kind { get; init; }

    /// <summary>Name of the source; null for objects that belong to none.</summary>
    public string? Source { get; init; }

    /// <summary>Name of the object it belongs to, such as a table as <c>schema.name</c>, an action or a remote schema; null for none.</summary>
    public string? Parent { get; init; }

    /// <summary>Its own name: of a permission the role, of a table <c>schema.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Keys from the object down, joined by dots; empty where the conflict is about the object as a whole.</summary>
    public required string Field { get; init; }

    /// <summary>The value in the common ancestor as JSON, secrets as ***; null where the key or object was absent.</summary>
    public string? Base { get; init; }

    /// <summary>The value on our side; null where the key or object is absent.</summary>
    public string? Ours { get; init; }

    /// <summary>The value on their side; null where the key or object is absent.</summary>
    public string? Theirs { get; init; }

    /// <summary>What a person understands; printable on one line.</summary>
    public required string Description { get; init => field = Printable.Of(value); }

    /// <summary>Full path of the file on our side, where known.</summary>
    public string? OursFile { get; init; }

    /// <summary>Line in <see cref="OursFile"/>, from 1.</summary>
    public int? OursLine { get; init; }

    /// <summary>Full path of the file on their side, where known.</summary>
    public string? TheirsFile { get; init; }

    /// <summary>Line in <see cref="TheirsFile"/>, from 1.</summary>
    public int? TheirsLine { get; init; }

    /// <summary>Source, parent, kind and name: what tells the object apart from all others.</summary>
    public string Id => string.Join('/', new[] { Source, Parent, Kind.ToString(), Name }.Where(p => p is not null));

    /// <summary>The description.</summary>
    public override string ToString() => Description;
}
