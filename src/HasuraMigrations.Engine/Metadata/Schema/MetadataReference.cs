using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Where a name stands in a document: as a value, or as the key of one.</summary>
/// <param name="Container">The list or the map.</param>
/// <param name="Key">The key in a map; null in a list.</param>
/// <param name="Index">The index in a list.</param>
/// <param name="IsKey">The key itself is the name.</param>
internal readonly record struct NamePlace(JsonNode Container, string? Key, int Index = 0, bool IsKey = false)
{
    /// <summary>The value at the place.</summary>
    internal JsonNode? Node => Key is null ? Container.AsArray()[Index] : Container.AsObject()[Key];

    /// <summary>Where it stood in a file; null where that is not known.</summary>
    internal SourcePosition? In(MetadataPositions positions) => positions.Near(Node ?? Container);
}

/// <summary>A name in a document that another thing has to bear.</summary>
/// <param name="Owner">The object with the name in it.</param>
/// <param name="Target">What it names.</param>
/// <param name="Kind">How it uses it.</param>
/// <param name="Place">Where the name stands.</param>
internal sealed record MetadataReference(ObjectId Owner, ObjectId Target, DependencyKind Kind, NamePlace Place);
