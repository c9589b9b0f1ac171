using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Takes the nodes of actions and custom types apart, strictly: what is skipped would be lost.</summary>
internal static class ActionNodes
{
    /// <summary>What SDL holds of a field or an argument.</summary>
    internal static readonly string[] MemberInSdl = ["name", "type", "description"];

    /// <summary>A text that must be there.</summary>
    /// <exception cref="HasuraMigrationException">ActionsNotWritable.</exception>
    internal static string Text(JsonObject node, string key) =>
        node[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>()
            : throw NotWritable($"'{key}' is not a text in {Excerpt(node)}");

    /// <summary>The objects of a list; none where the key is absent or null.</summary>
    /// <exception cref="HasuraMigrationException">ActionsNotWritable.</exception>
    internal static IEnumerable<JsonObject> Objects(JsonObject? node, string key) => Objects(node?[key], key);

    /// <inheritdoc cref="Objects(JsonObject?, string)"/>
    internal static IEnumerable<JsonObject> Objects(JsonNode? list, string key) => list switch
    {
        null => [],
        JsonArray array => array.Select(n => n as JsonObject ?? throw NotWritable($"a member of '{key}' is not an object: {Excerpt(n)}")),
        _ => throw NotWritable($"'{key}' is not a list"),
    };

    internal static HasuraMigrationException NotWritable(string reason) =>
        new("ActionsNotWritable", $"The actions and custom types of the metadata cannot be written to actions.graphql: {reason}.");

    private static string Excerpt(JsonNode? node) => node?.ToJsonString() is { } text ? text[..Math.Min(text.Length, 80)] : "null";
}
