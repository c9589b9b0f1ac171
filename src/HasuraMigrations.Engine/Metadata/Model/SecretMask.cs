using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>Hides secrets in parts of a document that people are shown: of URLs, connection strings, and values of headers.</summary>
internal static class SecretMask
{
    private static readonly string[] Connections = ["database_url", "connection_string", "connection_url"];

    /// <summary>True for a value that a server takes from its environment.</summary>
    internal static bool IsTemplate(string value) => value.Contains("{{", StringComparison.Ordinal);

    /// <summary>A part as JSON text without its secrets.</summary>
    /// <param name="node">The part; it is not changed.</param>
    /// <param name="key">The key it stands under; empty where that does not matter.</param>
    internal static string ToText(JsonNode? node, string key = "") => (Holds(node, key) ? Of(node, key) : node).ToText();

    // Most parts hold no secret and need no copy.
    private static bool Holds(JsonNode? node, string key) => node switch
    {
        JsonObject map => map.Any(m => (m.Key == "value" && map["name"] is not null) || Holds(m.Value, m.Key)),
        JsonArray list => list.Any(e => Holds(e, key)),
        _ => node.AsText() is { } text && OfText(text, key) != text,
    };

    private static JsonNode? Of(JsonNode? node, string key) => node switch
    {
        JsonObject map when map["name"].AsText() is { } name && !SecretText.IsHarmlessHeader(name) && map["value"].AsText() is { } value && !IsTemplate(value) =>
            new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, m.Key == "value" ? JsonValue.Create(SecretText.Hidden) : Of(m.Value, m.Key)))),
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Of(m.Value, m.Key)))),
        JsonArray list => new JsonArray([.. list.Select(e => Of(e, key))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(OfText(value.GetValue<string>(), key)),
        _ => node?.DeepClone(),
    };

    private static string OfText(string text, string key) =>
        key == "password" ? SecretText.Hidden
        : Connections.Contains(key) ? SecretText.OfConnection(text)
        : SecretText.OfUrls(text);
}
