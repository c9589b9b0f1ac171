namespace HasuraMigrations;

/// <summary>How an object differs.</summary>
public enum MetadataChangeKind
{
    /// <summary>It is in the new document only.</summary>
    Added,

    /// <summary>It is in the old document only.</summary>
    Removed,

    /// <summary>It is in both and differs.</summary>
    Changed,
}

/// <summary>One member of an object that differs.</summary>
/// <param name="Path">Keys from the object down, joined by dots.</param>
/// <param name="Old">The old value as JSON, secrets as ***; null where the key was absent.</param>
/// <param name="New">The new value as JSON; null where the key is absent.</param>
public sealed record MetadataFieldChange(string Path, string? Old, string? New);

/// <summary>One object that two metadata documents differ in.</summary>
public sealed record MetadataChange
{
    // There are tens of thousands where large metadata differs throughout, and most are never shown.
    private readonly CompactText _description;
    private readonly CompactText _old;
    private readonly CompactText _new;

    /// <summary>How it differs.</summary>
    public required MetadataChangeKind Change { get; init; }

    /// <summary>What the object is.</summary>
    public required MetadataObjectKind Kind { get; init; }

    /// <summary>Name of the source; null for objects that belong to none.</summary>
    public string? Source { get; init; }

    /// <summary>Name of the object it belongs to, such as a table as <c>schema.name</c>, an action or a remote schema; null for none.</summary>
    public string? Parent { get; init; }

    /// <summary>Its own name: of a permission the role, of a table <c>schema.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What a person understands; printable on one line.</summary>
    public required string Description
    {
        get => _description.Text ?? "";
        init => _description = new CompactText(Printable.Of(value));
    }

    /// <summary>The members that differ; empty for added and removed objects.</summary>
    public required IReadOnlyList<MetadataFieldChange> Fields { get; init; }

    /// <summary>The object as JSON as it was, without the objects below it; null for an added one.</summary>
    public string? Old
    {
        get => _old.Text;
        init => _old = new CompactText(value);
    }

    /// <summary>The object as JSON as it is, without the objects below it; null for a removed one.</summary>
    public string? New
    {
        get => _new.Text;
        init => _new = new CompactText(value);
    }

    /// <summary>Full path of the file it stands in, where known; of the new document first.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Source, parent, kind and name: what tells the object apart from all others.</summary>
    public string Id => string.Join('/', new[] { Source, Parent, Kind.ToString(), Name }.Where(p => p is not null));

    /// <summary>The description.</summary>
    public override string ToString() => Description;
}
