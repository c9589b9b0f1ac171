using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Forms;

/// <summary>
/// Carries a document from one metadata version to another, upwards as a Hasura server does on import.
/// </summary>
public static class MetadataVersions
{
    private const string Sources = "sources";

    private const string DefaultConfiguration = $$$"""
        {"connection_info":{"database_url":{"from_env":"{{{MetadataDocument.DatabaseVariable}}}"},"isolation_level":"read-committed","use_prepared_statements":true}}
        """;

    /// <summary>A document of another version.</summary>
    /// <param name="document">The document; it is not changed.</param>
    /// <param name="version">2 or 3; the version it has gives a copy.</param>
    /// <param name="findings">Is told what the other version cannot hold.</param>
    /// <exception cref="HasuraMigrationException">MetadataVersionUnsupported for version 1, MetadataVersionMismatch where a
    /// document of version 3 has other than one PostgreSQL source, or one of an older version has sources.</exception>
    public static MetadataDocument Convert(MetadataDocument document, int version, ICollection<Finding> findings) => (document.Version, version) switch
    {
        var (from, to) when from == to => document,
        (1, 2) => ToVersion2(document),
        (1, 3) => ToVersion3(ToVersion2(document), JsonNode.Parse(DefaultConfiguration)!.AsObject()),
        (2, 3) => ToVersion3(document, JsonNode.Parse(DefaultConfiguration)!.AsObject()),
        (3, 2) => FromVersion3(document, findings),
        _ => throw new HasuraMigrationException("MetadataVersionUnsupported", $"Metadata of version {document.Version} cannot be written as version {version}."),
    };

    /// <summary>
    /// What a server whose metadata is <paramref name="present"/> holds after it took <paramref name="document"/> in: a
    /// document of version 1 or 2 replaces tables and functions of the source <c>default</c>, drops every other source,
    /// keeps REST endpoints, and resets what those versions do not know.
    /// </summary>
    /// <param name="document">The document to import.</param>
    /// <param name="present">The document that is there, of version 3.</param>
    /// <exception cref="HasuraMigrationException">MetadataVersionMismatch where there is no source <c>default</c>, or where
    /// the document has sources itself.</exception>
    public static MetadataDocument Onto(MetadataDocument document, MetadataDocument present)
    {
        if (document.Version == 3)
        {
            return document;
        }

        var source = present.Sources.FirstOrDefault(s => s["name"].AsText() == MetadataDocument.DefaultSource)
            ?? throw new HasuraMigrationException("MetadataVersionMismatch", $"Metadata of version {document.Version} belongs to the source '{MetadataDocument.DefaultSource}', and the existing metadata has no such source.");
        var upgraded = ToVersion3(document.Version == 1 ? ToVersion2(document) : document, []);
        foreach (var key in upgraded.Root.Select(m => m.Key).Where(k => k != Sources && DocumentShapes.Version2.Find(k) is null && DocumentShapes.Version3.Find(k) is not null).ToList())
        {
            // A server does not read it in a document of these versions.
            upgraded.Root.Remove(key);
        }

        var target = upgraded.Sources.First();
        foreach (var (key, value) in source.Where(m => m.Key is not ("name" or "tables" or "functions")))
        {
            target[key] = value?.DeepClone();
        }

        if (present.Root["rest_endpoints"] is { } endpoints)
        {
            upgraded.Root["rest_endpoints"] = endpoints.DeepClone();
        }

        return MetadataRewriter.ToServerForm(upgraded);
    }

    private static MetadataDocument ToVersion2(MetadataDocument document)
    {
        var root = Copy(document.Root, ["query_templates", "version"]);
        root = new JsonObject([new("version", 2), .. Take(root)]);
        if (root["functions"] is JsonArray names)
        {
            root["functions"] = new JsonArray([.. names.Select(n => n is JsonObject { } map && map.ContainsKey("function") ? n.DeepClone() : new JsonObject { ["function"] = n?.DeepClone() })]);
        }

        return MetadataRewriter.ToServerForm(new MetadataDocument(root));
    }

    /// <summary>What is wrong with a document whose version is not that of its content; null where nothing is.</summary>
    internal static HasuraMigrationException? Contradiction(MetadataDocument document)
    {
        if (document.Version == 3 || !document.Root.ContainsKey(Sources))
        {
            return null;
        }

        var position = document.Positions.Near(document.Root["version"] ?? document.Root[Sources] ?? document.Root);
        var given = document.Root["version"] is null ? "specifies no version, which means 1" : $"says version {document.Version}";
        return new HasuraMigrationException("MetadataVersionMismatch", $"The metadata {given}, but it contains '{Sources}', which only version 3 has.")
        {
            File = position?.File,
            Line = position?.Line,
            Column = position?.Column,
            RecommendedAction = "Write 'version: 3', in version.yaml of a directory.",
        };
    }

    private static MetadataDocument ToVersion3(MetadataDocument document, JsonObject configuration)
    {
        if (Contradiction(document) is { } contradiction)
        {
            throw contradiction;
        }

        var source = new JsonObject
        {
            ["name"] = MetadataDocument.DefaultSource,
            ["kind"] = "postgres",
            ["tables"] = document.Root["tables"]?.DeepClone() ?? new JsonArray(),
            ["functions"] = document.Root["functions"]?.DeepClone(),
            ["configuration"] = configuration,
        };
        var rest = Copy(document.Root, ["version", "tables", "functions"]);
        return MetadataRewriter.ToServerForm(new MetadataDocument(new JsonObject([new("version", 3), new("sources", new JsonArray(source)), .. Take(rest)])));
    }

    private static MetadataDocument FromVersion3(MetadataDocument document, ICollection<Finding> findings)
    {
        if (document.Sources.ToList() is not [var source] || source["kind"].AsText() is not ("postgres" or "pg"))
        {
            throw new HasuraMigrationException("MetadataVersionMismatch", $"Metadata of version 2 contains exactly one PostgreSQL source; this document has {document.Sources.Count()}: {string.Join(", ", document.Sources.Select(s => $"'{s["name"].AsText()}' ({s["kind"].AsText()})"))}.");
        }

        if (source["name"].AsText() is { } name && name != MetadataDocument.DefaultSource)
        {
            findings.Add(new Finding { Id = "MetadataKeyLeftOut", Severity = FindingSeverity.Warning, Message = $"The name '{name}' of the source cannot be stored in metadata of version 2, which belongs to the source '{MetadataDocument.DefaultSource}'." });
        }

        foreach (var (key, value) in source.Where(m => m.Key is not ("name" or "kind" or "tables" or "functions" or "configuration")))
        {
            Lost(findings, key, value, $"of the source '{source["name"].AsText()}' ");
        }

        foreach (var (key, value) in document.Root.Where(m => m.Key is not ("version" or "sources") && DocumentShapes.Version2.Find(m.Key) is null && DocumentShapes.Version3.Find(m.Key) is not null))
        {
            Lost(findings, key, value, "");
        }

        var rest = document.Root.Where(m => m.Key is not ("version" or "sources") && (DocumentShapes.Version2.Find(m.Key) is not null || DocumentShapes.Version3.Find(m.Key) is null));
        return new MetadataDocument(new JsonObject([
            new("version", 2),
            new("tables", source["tables"]?.DeepClone() ?? new JsonArray()),
            .. source["functions"] is { } functions ? [new KeyValuePair<string, JsonNode?>("functions", functions.DeepClone())] : Array.Empty<KeyValuePair<string, JsonNode?>>(),
            .. rest.Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m.Value?.DeepClone()))]));
    }

    private static void Lost(ICollection<Finding> findings, string key, JsonNode? value, string where)
    {
        if (value is not (null or JsonArray { Count: 0 } or JsonObject { Count: 0 }))
        {
            findings.Add(new Finding { Id = "MetadataKeyLeftOut", Severity = FindingSeverity.Warning, Message = $"The key '{key}' {where}cannot be stored in metadata of version 2 and is omitted." });
        }
    }

    private static JsonObject Copy(JsonObject root, string[] without) =>
        new(root.Where(m => !without.Contains(m.Key)).Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m.Value?.DeepClone())));

    // A node has one parent; it has to leave the old one first.
    private static List<KeyValuePair<string, JsonNode?>> Take(JsonObject map)
    {
        var members = map.ToList();
        map.Clear();
        return members;
    }
}
