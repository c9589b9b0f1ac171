using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>The sources and remote schemas that running servers reload.</summary>
internal sealed record ReloadScope(string[] Sources, string[] RemoteSchemas)
{
    /// <summary>All sources and remote schemas of a document.</summary>
    internal static ReloadScope Of(JsonObject root) => new(Names(root["sources"]), Names(root["remote_schemas"]));

    private static string[] Names(JsonNode? list) =>
        [.. list.AsObjects().Select(n => n["name"].AsText()).OfType<string>().Order(StringComparer.Ordinal)];
}
