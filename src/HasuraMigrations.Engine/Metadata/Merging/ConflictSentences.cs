using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>Says in a sentence what both sides changed.</summary>
internal static class ConflictSentences
{
    private const int Longest = 80;

    internal static string Of(MergePlace place, MergeParts parts)
    {
        var name = place.Object;
        var what = name.Kind == MetadataObjectKind.Document ? "the metadata" : name.Parent is null ? $"{place.Noun} {name.Name}" : $"{place.Noun} {name.Name} of {name.Parent}";
        var field = place.Field.Length == 0 ? what : $"{place.Field} of {what}";
        return (parts.Base.IsThere, parts.Ours.IsThere, parts.Theirs.IsThere) switch
        {
            (_, false, _) => $"{field} is removed in ours and changed in theirs",
            (_, _, false) => $"{field} is changed in ours and removed in theirs",
            (false, _, _) => $"{field} is added in both, as {Short(parts.Ours, place)} in ours and {Short(parts.Theirs, place)} in theirs",
            _ => $"{field} is {Short(parts.Ours, place)} in ours and {Short(parts.Theirs, place)} in theirs, and was {Short(parts.Base, place)}",
        };
    }

    /// <summary>A value as JSON text without its secrets; null where it is absent.</summary>
    internal static string? Text(MergePart part, MergePlace place)
    {
        if (!part.IsThere)
        {
            return null;
        }

        const string Value = "value";
        var key = place.Field[(place.Field.LastIndexOf('.') + 1)..];
        if (key != Value || !place.Field.EndsWith($"].{Value}", StringComparison.Ordinal))
        {
            return SecretMask.ToText(part.Node, key);
        }

        // The name of a header tells whether its value is a secret.
        var name = place.Field[(place.Field.LastIndexOf('[') + 1)..^($"].{Value}".Length)];
        var masked = JsonNode.Parse(SecretMask.ToText(new JsonObject { ["name"] = name, [Value] = part.Node?.DeepClone() }));
        return masked![Value].ToText();
    }

    private static string Short(MergePart part, MergePlace place)
    {
        var json = Text(part, place) ?? "";
        return json.Length <= Longest ? json : $"{json[..(Longest - 3)]}...";
    }
}
