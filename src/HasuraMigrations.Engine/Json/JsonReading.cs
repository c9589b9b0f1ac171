using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Json;

/// <summary>Reading and comparing nodes of a document.</summary>
internal static class JsonReading
{
    /// <summary>The text of a node; null where it is none.</summary>
    internal static string? AsText(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>A member of a node; null where the node is no map.</summary>
    internal static JsonNode? Get(this JsonNode? node, string key) => (node as JsonObject)?[key];

    /// <summary>The objects of a list; none where it is no list.</summary>
    internal static IEnumerable<JsonObject> AsObjects(this JsonNode? node) => (node as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>The texts of a list; none where it is no list.</summary>
    internal static IEnumerable<string> AsTexts(this JsonNode? node) => (node as JsonArray)?.Select(AsText).OfType<string>() ?? [];

    /// <summary>One line of JSON, with characters as they are; <c>null</c> for JSON null.</summary>
    internal static string ToText(this JsonNode? node) => node is null ? "null" : node.ToJsonString(JsonText.Compact);

    /// <summary>The kind of a node as a server names it in messages.</summary>
    internal static string KindName(this JsonNode? node) => node?.GetValueKind() switch
    {
        null => "Null",
        JsonValueKind.True or JsonValueKind.False => "Boolean",
        var kind => kind.ToString()!,
    };

    /// <summary>True where both say the same: the order of keys does not count, that of lists does.</summary>
    internal static bool SameAs(this JsonNode? left, JsonNode? right) => (left, right) switch
    {
        (null, null) => true,
        (JsonObject a, JsonObject b) => SameMap(a, b),
        (JsonArray a, JsonArray b) => SameList(a, b),
        (JsonValue a, JsonValue b) => SameValue(a, b),
        _ => false,
    };

    private static bool SameMap(JsonObject left, JsonObject right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var (key, value) in left)
        {
            if (!right.TryGetPropertyValue(key, out var other) || !value.SameAs(other))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameList(JsonArray left, JsonArray right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            if (!left[i].SameAs(right[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameValue(JsonValue left, JsonValue right)
    {
        var kind = left.GetValueKind();
        return kind == right.GetValueKind() && kind switch
        {
            JsonValueKind.String => SameText(left, right),
            JsonValueKind.Number => SameNumber(left.ToJsonString(), right.ToJsonString()),
            _ => true,
        };
    }

    // A text of a document is compared where it stands: to make a string of it costs more.
    private static bool SameText(JsonValue left, JsonValue right) =>
        left.TryGetValue<JsonElement>(out var a) ? a.ValueEquals(right.GetValue<string>())
        : right.TryGetValue<JsonElement>(out var b) ? b.ValueEquals(left.GetValue<string>())
        : left.GetValue<string>() == right.GetValue<string>();

    // Two texts of one number, such as 1.0 and 1, are the same to whoever reads them.
    private static bool SameNumber(string left, string right) =>
        left == right
        || (decimal.TryParse(left, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var a)
            && decimal.TryParse(right, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var b)
            && a == b);
}
