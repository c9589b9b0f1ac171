using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>The data that a command requires of databases, other than their catalogs.</summary>
internal static class CommandPrerequisites
{
    /// <summary>Tables that are enum tables in a document, or would be by a command, by source.</summary>
    internal static ILookup<string, QualifiedName> EnumTables(JsonObject root, JsonNode? args) =>
        MetadataTree.SourcesOf(root)
            .SelectMany(s => MetadataTree.TablesOf(s.Node).Where(t => IsFlagged(t.Node)).Select(t => (Source: s.Name, Table: t.Name)))
            // A document that is given can have sources that are not there yet.
            .Concat(Sources(root, args).Keys.SelectMany(s => Flagged(args).Select(t => (Source: s, Table: t))))
            .Distinct()
            .ToLookup(t => t.Source, t => t.Table);

    /// <summary>The native queries of a document, or that would be by a command, by source, as databases are asked to prepare them.</summary>
    internal static ILookup<string, string> NativeQueries(JsonObject root, JsonNode? args)
    {
        var present = MetadataTree.SourcesOf(root).ToList();
        // A document that is given has the logical models of its sources; a query that is given alone returns one of those that are there.
        var given = Objects(args, inTables: false).SelectMany(o => o["native_queries"] is JsonArray
            ? NativeQueryText.AllOf(o).SelectMany(q => Sources(root, args).Keys.Select(s => (Source: s, Query: q)))
            : o["code"] is JsonValue ? present.SelectMany(s => NativeQueryText.Of(o, s.Node) is { } query ? [(Source: s.Name, Query: query)] : Array.Empty<(string Source, string Query)>()) : []);
        return present.SelectMany(s => NativeQueryText.AllOf(s.Node).Select(q => (Source: s.Name, Query: q))).Concat(given).Distinct().ToLookup(q => q.Source, q => q.Query);
    }

    /// <summary>Configurations of sources in a document and in the arguments of a command, by name.</summary>
    internal static Dictionary<string, JsonNode?> Sources(JsonObject root, JsonNode? args)
    {
        var sources = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (name, node) in MetadataTree.SourcesOf(root))
        {
            sources[name] = node["configuration"];
        }

        foreach (var given in Objects(args, inTables: false).Where(o => o["configuration"].Get("connection_info") is not null))
        {
            sources[given["name"].AsText() ?? ""] = given["configuration"];
        }

        return sources;
    }

    /// <summary>True where a document or the arguments of a command name a table of the system.</summary>
    internal static bool NamesSystem(JsonObject root, JsonNode? args) =>
        MetadataTree.SourcesOf(root).SelectMany(s => MetadataTree.TablesOf(s.Node)).Any(t => TableRules.IsHidden(t.Name.Schema))
        || Objects(args, inTables: true).Any(o => o["schema"].AsText() is { } schema && TableRules.IsHidden(schema));

    private static IEnumerable<QualifiedName> Flagged(JsonNode? node) =>
        Objects(node, inTables: false).Where(IsFlagged).Select(o => QualifiedName.Read(o["table"])).OfType<QualifiedName>();

    private static bool IsFlagged(JsonObject node) => node["is_enum"] is JsonValue flag && flag.TryGetValue<bool>(out var isEnum) && isEnum;

    // Tables are what makes a document large, so what is in them is passed over where nothing is sought there. Else copies are
    // looked at: they may rest on text.
    private static IEnumerable<JsonObject> Objects(JsonNode? node, bool inTables) => node switch
    {
        JsonObject map => map.SelectMany(m => m.Key == "tables" && m.Value is JsonArray tables ? Tables(tables, inTables) : Objects(m.Value, inTables)).Prepend(map),
        JsonArray list => list.SelectMany(n => Objects(n, inTables)),
        _ => [],
    };

    private static IEnumerable<JsonObject> Tables(JsonArray tables, bool inTables) =>
        inTables ? tables.SelectMany(t => Objects(t?.DeepClone(), inTables)) : tables.AsObjects();
}
