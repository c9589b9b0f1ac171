using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The envelope of a command.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Args">Its arguments; null where it has none.</param>
/// <param name="Version">1 or 2.</param>
/// <param name="ResourceVersion">What the metadata must still be; null for any.</param>
public sealed record HasuraCommand(string Type, JsonNode? Args, int Version, long? ResourceVersion)
{
    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="HasuraError">invalid-json, parse-failed.</exception>
    public static HasuraCommand Read(string body)
    {
        try
        {
            return Read(JsonNode.Parse(body));
        }
        catch (JsonException e)
        {
            throw new HasuraError(400, "invalid-json", e.Message);
        }
    }

    /// <summary>Reads one command, also one of a bulk.</summary>
    /// <exception cref="HasuraError">parse-failed.</exception>
    public static HasuraCommand Read(JsonNode? node)
    {
        if (node is not JsonObject map)
        {
            throw HasuraError.Parse($"parsing Object failed, expected Object, but encountered {node?.GetValueKind().ToString() ?? "Null"}");
        }

        if (map["type"] is not JsonValue type || type.GetValueKind() != JsonValueKind.String)
        {
            throw HasuraError.Parse("the key 'type' was not present");
        }

        var version = map["version"]?.ToJsonString() ?? "1";
        return version is "1" or "2"
            ? new HasuraCommand(type.GetValue<string>(), map["args"], version == "1" ? 1 : 2, map["resource_version"]?.GetValue<long>())
            : throw HasuraError.Parse($"expected 1 or 2, encountered {version}", "$.version");
    }

    /// <summary>The commands of a bulk.</summary>
    /// <exception cref="HasuraError">parse-failed.</exception>
    public JsonArray Items => Args as JsonArray ?? throw HasuraError.Parse("parsing [] failed, expected Array, but encountered Object", "$.args");

    /// <summary>Every command in it, those of bulks too; itself where it is no bulk.</summary>
    public IEnumerable<HasuraCommand> All => Type is "bulk" or "concurrent_bulk" or "bulk_keep_going" or "bulk_atomic" ? Items.Select(Read).SelectMany(c => c.All) : [this];
}
