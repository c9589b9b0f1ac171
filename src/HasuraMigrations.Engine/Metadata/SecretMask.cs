using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>
/// Hides secrets in parts of a document that people are shown: passwords in URLs and connection parameters, and values of
/// headers that authenticate.
/// </summary>
internal static partial class SecretMask
{
    private const string Hidden = "***";

    private static readonly string[] SecretHeaders = ["authorization", "x-hasura-admin-secret", "x-hasura-access-key", "api-key", "apikey", "x-api-key"];

    /// <summary>True for the name of a header whose value is a secret.</summary>
    internal static bool IsSecretHeader(string name) => SecretHeaders.Contains(name.ToLowerInvariant());

    /// <summary>True for a value that a server takes from its environment.</summary>
    internal static bool IsTemplate(string value) => value.Contains("{{", StringComparison.Ordinal);

    /// <summary>A part as JSON text without its secrets.</summary>
    /// <param name="node">The part; it is not changed.</param>
    /// <param name="key">The key it stands under; empty where that does not matter.</param>
    internal static string ToText(JsonNode? node, string key = "") => (Holds(node, key) ? Of(node, key) : node).ToText();

    // Most parts hold no secret and need no copy.
    private static bool Holds(JsonNode? node, string key)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map)
                {
                    if ((name == "value" && map["name"] is not null) || Holds(value, name))
                    {
                        return true;
                    }
                }

                return false;
            case JsonArray list:
                foreach (var entry in list)
                {
                    if (Holds(entry, key))
                    {
                        return true;
                    }
                }

                return false;
            default:
                return node.AsText() is { } text && (key == "password" || text.Contains("://", StringComparison.Ordinal));
        }
    }

    private static JsonNode? Of(JsonNode? node, string key) => node switch
    {
        JsonObject map when map["name"].AsText() is { } name && IsSecretHeader(name) && map["value"].AsText() is { } value && !IsTemplate(value) =>
            new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, m.Key == "value" ? JsonValue.Create(Hidden) : Of(m.Value, m.Key)))),
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Of(m.Value, m.Key)))),
        JsonArray list => new JsonArray([.. list.Select(e => Of(e, key))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(OfText(value.GetValue<string>(), key)),
        _ => node?.DeepClone(),
    };

    private static string OfText(string text, string key) =>
        key == "password" ? Hidden
        : text.Contains("://", StringComparison.Ordinal) ? PasswordInUrl().Replace(text, Hidden)
        : text;

    // Up to the last @ of the authority: people forget to escape one in a password.
    [GeneratedRegex(@"(?<=\b[a-z][a-z0-9+.-]*://[^/?#\s:@]*:)[^/?#\s]+(?=@)", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordInUrl();
}
