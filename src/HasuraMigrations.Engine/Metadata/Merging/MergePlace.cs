using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>Where a merge is: the object, the field of it, and the nearest nodes that are there.</summary>
/// <param name="Object">The object.</param>
/// <param name="Noun">What a person calls the object.</param>
/// <param name="Field">Keys from the object down; empty for the object.</param>
/// <param name="Ours">Node on our side.</param>
/// <param name="Theirs">Node on their side.</param>
internal sealed record MergePlace(MetadataObjectName Object, string Noun, string Field, JsonNode? Ours, JsonNode? Theirs)
{
    /// <summary>The place of a member of a map.</summary>
    internal MergePlace Member(Member? member, string key, MergeParts parts)
    {
        var near = Near(parts);
        return ShapeTree.ObjectOf(member) is { } single ? near with { Object = Object.Below(single.Kind!.Value, key), Noun = single.Noun }
            : ShapeTree.ObjectsOf(member) is not null || ShapeTree.GroupOf(member) is not null ? near
            : near with { Field = Field.Length == 0 ? key : $"{Field}.{key}" };
    }

    /// <summary>The place of an entry of a list.</summary>
    internal MergePlace Entry(ListShape list, EntryKey key, MergeParts parts)
    {
        var near = Near(parts);
        return list.Objects is { Kind: { } kind } shape
            ? near with { Object = Object.Below(kind, key.ToString()), Noun = shape.Noun, Field = "" }
            : near with { Field = $"{Field}[{key}]" };
    }

    private MergePlace Near(MergeParts parts) => this with { Ours = parts.Ours.Node ?? Ours, Theirs = parts.Theirs.Node ?? Theirs };
}
