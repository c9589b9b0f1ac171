using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>The envelope of a command.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Args">Its arguments; null where it has none.</param>
/// <param name="Version">1 or 2.</param>
/// <param name="ResourceVersion">What the metadata must still be; null for any.</param>
internal sealed record CommandEnvelope(string Type, JsonNode? Args, int Version, long? ResourceVersion)
{
    /// <summary>The commands of a bulk.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal JsonArray Items => Args as JsonArray ?? throw MetadataCommandException.Parse($"parsing [] failed, expected Array, but encountered {Args.KindName()}", "$.args");

    /// <summary>Every command in it, those of bulks too; itself where it is no bulk.</summary>
    internal IEnumerable<CommandEnvelope> All => Type is "bulk" or "concurrent_bulk" or "bulk_keep_going" or "bulk_atomic" ? Items.Select(Read).SelectMany(c => c.All) : [this];

    /// <summary>The envelope of a bulk whose commands only read.</summary>
    /// <exception cref="MetadataCommandException">unexpected: one of them may write.</exception>
    internal CommandEnvelope RequireReading() =>
        Items.Select(Read).All(c => c.Type is "select" or "count" || (c.Type.EndsWith("run_sql", StringComparison.Ordinal) && RunSqlArguments.IsReading(c.Args)))
            ? this
            : throw new MetadataCommandException("unexpected", "Only read-only queries are allowed in a concurrent_bulk", status: 500);

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="MetadataCommandException">invalid-json, parse-failed.</exception>
    internal static CommandEnvelope Read(string body)
    {
        try
        {
            return Read(JsonNode.Parse(body));
        }
        catch (JsonException e)
        {
            throw new MetadataCommandException("invalid-json", e.Message);
        }
    }

    /// <summary>Reads one command, also one of a bulk.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal static CommandEnvelope Read(JsonNode? node)
    {
        if (node is not JsonObject map)
        {
            throw MetadataCommandException.Parse($"parsing Object failed, expected Object, but encountered {node.KindName()}");
        }

        if (map["type"].AsText() is not { } type)
        {
            throw MetadataCommandException.Parse("the key 'type' was not present");
        }

        var version = map["version"]?.ToJsonString() ?? "1";
        return version is "1" or "2"
            ? new CommandEnvelope(type, map["args"], version == "1" ? 1 : 2, ReadNumber(map["resource_version"]))
            : throw MetadataCommandException.Parse($"expected 1 or 2, encountered {version}", "$.version");
    }

    private static long? ReadNumber(JsonNode? node) => node switch
    {
        null => null,
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        _ => throw MetadataCommandException.Parse($"parsing Int failed, expected Number, but encountered {node.KindName()}", "$.resource_version"),
    };
}
