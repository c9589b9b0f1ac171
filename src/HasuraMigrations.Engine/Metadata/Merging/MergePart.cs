using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>A value of one of the documents, or its absence, which is not JSON null.</summary>
/// <param name="IsThere">False where the key or entry is absent.</param>
/// <param name="Node">The value.</param>
internal readonly record struct MergePart(bool IsThere, JsonNode? Node)
{
    /// <summary>What is not there.</summary>
    internal static readonly MergePart Absent;

    /// <summary>A value that is there.</summary>
    internal static MergePart Of(JsonNode? node) => new(true, node);

    /// <summary>The member of a map.</summary>
    internal static MergePart Of(JsonObject? map, string key) => map is not null && map.TryGetPropertyValue(key, out var node) ? new(true, node) : Absent;
}

/// <summary>One part in the three documents.</summary>
/// <param name="Base">The part in the common ancestor.</param>
/// <param name="Ours">The part on our side.</param>
/// <param name="Theirs">The part on their side.</param>
internal readonly record struct MergeParts(MergePart Base, MergePart Ours, MergePart Theirs)
{
    /// <summary>The values that are there and are not null.</summary>
    internal IEnumerable<JsonNode> Nodes => new[] { Base.Node, Ours.Node, Theirs.Node }.OfType<JsonNode>();

    /// <summary>A member of three maps.</summary>
    internal static MergeParts Of(JsonObject? @base, JsonObject ours, JsonObject theirs, string key) =>
        new(MergePart.Of(@base, key), MergePart.Of(ours, key), MergePart.Of(theirs, key));

    /// <summary>The parts with something done to each.</summary>
    internal MergeParts Select(Func<MergePart, MergePart> change) => new(change(Base), change(Ours), change(Theirs));
}
