using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Compares an answer of the API with the expected one.</summary>
internal static class AnswerMatch
{
    /// <summary>Stand in an expected body for values that differ from run to run.</summary>
    private static readonly Dictionary<string, Func<JsonNode?, bool>> Placeholders = new(StringComparer.Ordinal)
    {
        ["<any>"] = _ => true,
        ["<text>"] = n => n.AsText() is { Length: > 0 },
        ["<uuid>"] = n => Guid.TryParse(n.AsText(), out _),
        ["<time>"] = n => DateTimeOffset.TryParse(n.AsText(), CultureInfo.InvariantCulture, out _),
    };

    // Lists without a promised order.
    private static readonly HashSet<string> Unordered = ["inconsistent_objects", "internal", "relationships", "objects", "definitions", "conflicts"];

    /// <summary>True where the answer is what was expected.</summary>
    /// <param name="expected">The expected body; null says nothing.</param>
    /// <param name="actual">The body.</param>
    /// <param name="mode">exact, subset or unordered.</param>
    public static bool Fits(JsonNode? expected, JsonNode? actual, string mode = "exact") => expected is null || Same(expected, actual, mode, false);

    /// <summary>An error as it is compared: texts of decoding errors differ between versions of a library.</summary>
    public static JsonNode? Comparable(JsonNode? body)
    {
        var copy = body?.DeepClone();
        if (copy is JsonObject map && map["code"].AsText() == "parse-failed")
        {
            map.Remove("error");
        }

        return copy;
    }

    private static bool Same(JsonNode? expected, JsonNode? actual, string mode, bool isUnordered) => (expected, actual) switch
    {
        (JsonObject e, JsonObject a) => (mode == "subset" || e.Count == a.Count) && e.All(m => a.ContainsKey(m.Key) && Same(m.Value, a[m.Key], mode, Unordered.Contains(m.Key))),
        (JsonArray e, JsonArray a) when isUnordered || mode == "unordered" => e.Count == a.Count && SameBag(e, a, mode),
        (JsonArray e, JsonArray a) => e.Count == a.Count && e.Zip(a).All(p => Same(p.First, p.Second, mode, false)),
        _ when expected.AsText() is { } text && Placeholders.TryGetValue(text, out var fits) => fits(actual),
        _ => expected.SameAs(actual),
    };

    private static bool SameBag(JsonArray expected, JsonArray actual, string mode)
    {
        var left = actual.ToList();
        foreach (var item in expected)
        {
            var found = left.FindIndex(a => Same(item, a, mode, false));
            if (found < 0)
            {
                return false;
            }

            left.RemoveAt(found);
        }

        return true;
    }
}
