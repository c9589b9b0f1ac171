using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Relationships that lead from what is known into a part of a schema that is not known.</summary>
internal static class HoleFields
{
    /// <summary>Names of relationships to a source.</summary>
    internal static HashSet<string> OfSource(JsonObject root, string source) =>
        [.. Remote(root).Where(r => r["definition"].Get("to_source").Get("source").AsText() == source).Concat(OfActions(root).Where(r => r["source"].AsText() == source)).Select(r => r["name"].AsText()).OfType<string>()];

    /// <summary>Names of relationships to a remote schema.</summary>
    internal static HashSet<string> OfRemoteSchema(JsonObject root, string name) =>
        // The second form is that of servers before 2.0.10 (Hasura, remote relationships).
        [.. Remote(root).Where(r => (r["definition"].Get("to_remote_schema").Get("remote_schema") ?? r["definition"].Get("remote_schema")).AsText() == name).Select(r => r["name"].AsText()).OfType<string>()];

    private static IEnumerable<JsonObject> Remote(JsonObject root) =>
        MetadataTree.SourcesOf(root).SelectMany(s => MetadataTree.TablesOf(s.Node)).SelectMany(t => t.Node["remote_relationships"].AsObjects())
            .Concat(root["remote_schemas"].AsObjects().SelectMany(s => s["remote_relationships"].AsObjects()).SelectMany(t => t["relationships"].AsObjects()));

    private static IEnumerable<JsonObject> OfActions(JsonObject root) => root["custom_types"].Get("objects").AsObjects().SelectMany(o => o["relationships"].AsObjects());
}
