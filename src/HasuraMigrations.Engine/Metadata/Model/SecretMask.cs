using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>Hides secrets in parts of a document that people are shown: of URLs, connection strings, and values of headers.</summary>
internal static class SecretMask
{
    private static readonly string[] Connections = ["database_url", "connection_string", "connection_url"];

    // The keys of secrets as they stand in JSON text.
    private static readonly string[] Keys = [.. Connections.Append("password").Append("value").Select(k => $"\"{k}\":")];

    /// <summary>True for a value that a server takes from its environment.</summary>
    internal static bool IsTemplate(string value) => value.Contains("{{", StringComparison.Ordinal);

    /// <summary>A part as JSON text without its secrets.</summary>
    /// <param name="node">The part; it is not changed.</param>
    /// <param name="key">The key it stands under; empty where that does not matter.</param>
    internal static string ToText(JsonNode? node, string key = "")
    {
        var text = node.ToText();
        return MayHold(text, key) ? Of(node, key).ToText() : text;
    }

    // Most parts hold no secret, which their text tells at once.
    private static bool MayHold(string json, string key) =>
        key == "password" || Connections.Contains(key) || json.Contains("://", StringComparison.Ordinal) || Array.Exists(Keys, k => json.Contains(k, StringComparison.Ordinal));

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
