using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>Whether two parts mean the same, as the comparison of documents has it: what differs in form only did not change.</summary>
internal static class MergeSameness
{
    /// <summary>True where both mean the same.</summary>
    /// <param name="left">A part.</param>
    /// <param name="right">The same part of another document.</param>
    /// <param name="shape">What it looks like.</param>
    /// <param name="member">The member whose value it is; null for an entry of a list, and for a key that is not known.</param>
    internal static bool Same(MergePart left, MergePart right, Shape shape, Member? member)
    {
        if (left.IsThere && right.IsThere)
        {
            return SameText(left.Node, right.Node) || left.Node.SameAs(right.Node) || MetadataRewriter.Canonical(left.Node, shape).SameAs(MetadataRewriter.Canonical(right.Node, shape)) || BothSilent(left, right, member);
        }

        return left.IsThere == right.IsThere || BothSilent(left, right, member);
    }

    private static bool BothSilent(MergePart left, MergePart right, Member? member) => member is not null && SaysNothing(left, member) && SaysNothing(right, member);

    private static bool SaysNothing(MergePart part, Member member) => !part.IsThere || MetadataRewriter.SaysNothing(part.Node, member);

    // Of large documents most is equal as it stands, and rests on text.
    private static bool SameText(JsonNode? left, JsonNode? right) => left is JsonObject a && right is JsonObject b && StoredJson.SameText(a, b);
}
