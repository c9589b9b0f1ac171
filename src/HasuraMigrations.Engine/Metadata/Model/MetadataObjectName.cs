namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>Names an object of a document.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">Name of the source; null for objects that belong to none.</param>
/// <param name="Parent">Name of the object it belongs to; null for none.</param>
/// <param name="Name">Its own name.</param>
internal readonly record struct MetadataObjectName(MetadataObjectKind Kind, string? Source, string? Parent, string Name)
{
    /// <summary>The document itself.</summary>
    internal static readonly MetadataObjectName Document = new(MetadataObjectKind.Document, null, null, "metadata");

    /// <summary>The name of an object below this one.</summary>
    internal MetadataObjectName Below(MetadataObjectKind kind, string name) => Kind switch
    {
        MetadataObjectKind.Document => new(kind, kind is MetadataObjectKind.Source ? null : Source, null, name),
        MetadataObjectKind.Source => new(kind, Name, null, name),
        _ => new(kind, Source, Name, name),
    };
}
