using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Values of answers that later requests of a case name as <c>${name}</c>; <c>${name+1}</c> is one more.</summary>
internal sealed partial class SavedValues
{
    private readonly Dictionary<string, JsonNode?> _values = [];

    /// <summary>Adds a value.</summary>
    public void Add(string name, JsonNode? value) => _values[name] = value?.DeepClone();

    /// <summary>Adds values of an answer.</summary>
    /// <param name="paths">Their places by name, as <c>$.key.key</c>; null for none.</param>
    /// <param name="answer">The answer.</param>
    public void Add(JsonObject? paths, JsonNode? answer)
    {
        foreach (var (name, path) in paths ?? [])
        {
            Add(name, path.AsText()!.Split('.').Skip(1).Aggregate(answer, (node, key) => node.Get(key)));
        }
    }

    /// <summary>A copy with the values in the places that name them.</summary>
    public JsonNode? Fill(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(m => new KeyValuePair<string, JsonNode?>(m.Key, Fill(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Fill)]),
        _ when node.AsText() is { } text && Reference().Match(text) is { Success: true } match => match.Length == text.Length ? Value(match) : JsonValue.Create(Fill(text)),
        _ => node?.DeepClone(),
    };

    /// <summary>A text with the values in the places that name them.</summary>
    public string Fill(string text) => Reference().Replace(text, match => Value(match)?.ToString() ?? "");

    private JsonNode? Value(Match match)
    {
        var value = _values[match.Groups[1].Value];
        return match.Groups[2].Length == 0 ? value?.DeepClone() : JsonValue.Create(value!.GetValue<long>() + int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"\$\{(\w+)([+-]\d+)?\}")]
    private static partial Regex Reference();
}
