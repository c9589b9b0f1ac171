using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Checking;

/// <summary>Checks that what a document refers to is in it: tables, sources, remote schemas, collections, types, roles.</summary>
internal sealed class ReferenceInspector
{
    private readonly MetadataDocument _document;
    private readonly FindingWriter _findings;
    private readonly Dictionary<string, TableIndex> _sources;
    private readonly HashSet<string> _remoteSchemas;

    internal ReferenceInspector(MetadataDocument document, FindingWriter findings)
    {
        _document = document;
        _findings = findings;
        _sources = new Dictionary<string, TableIndex>(StringComparer.Ordinal);
        foreach (var (name, source) in MetadataTree.SourcesOf(document.Root))
        {
            _sources[name] = new TableIndex(source);
        }

        _remoteSchemas = Names(document.Root["remote_schemas"], "name");
    }

    internal void Inspect()
    {
        foreach (var (name, source) in MetadataTree.SourcesOf(_document.Root))
        {
            InspectSource(name, source);
        }

        InspectCollections();
        new ActionInspector(_document, _findings, _sources).Inspect();
        new RoleInspector(_document, _findings).Inspect();
    }

    internal static HashSet<string> Names(JsonNode? list, string key) => list.AsObjects().Select(e => e[key].AsText()).OfType<string>().ToHashSet(StringComparer.Ordinal);

    private void InspectSource(string source, JsonObject node)
    {
        var triggers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in node["tables"].AsObjects().Select(_document.LookAt))
        {
            var name = QualifiedName.Read(table["table"])?.ToString() ?? "";
            InspectRelationships(source, name, table);
            InspectPermissions(source, name, table);
            InspectTriggers(source, table, triggers);
        }

        var models = Names(node["logical_models"], "name");
        foreach (var query in node["native_queries"].AsObjects().Where(q => q["returns"].AsText() is { } model && !models.Contains(model)))
        {
            Missing(query["returns"], $"The native query '{query["root_field_name"].AsText()}' returns the logical model '{query["returns"].AsText()}', which the source '{source}' does not have.");
        }
    }

    private void InspectRelationships(string source, string table, JsonObject node)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var relationship in node["object_relationships"].AsObjects().Concat(node["array_relationships"].AsObjects()))
        {
            var name = relationship["name"].AsText() ?? "";
            if (!names.Add(name))
            {
                NamedTwice(relationship, node, name, table);
            }

            var definition = relationship["using"];
            Require(source, Path(definition, "foreign_key_constraint_on", "table"), $"The relationship '{name}' of {table}");
            Require(source, Path(definition, "manual_configuration", "remote_table"), $"The relationship '{name}' of {table}");
        }

        foreach (var remote in node["remote_relationships"].AsObjects())
        {
            InspectRemote(remote, $"The remote relationship '{remote["name"].AsText()}' of {table}");
        }
    }

    // Two of one list are told as a duplicate already.
    private void NamedTwice(JsonObject relationship, JsonObject table, string name, string tableName)
    {
        if (table["object_relationships"].AsObjects().Any(r => r["name"].AsText() == name) && table["array_relationships"].AsObjects().Any(r => r["name"].AsText() == name))
        {
            _findings.Error("MetadataNameConflict", relationship, $"{tableName} has both an object and an array relationship '{name}'.");
        }
    }

    private void InspectRemote(JsonObject relationship, string what)
    {
        var definition = relationship["definition"] as JsonObject;
        var schema = definition.Get("remote_schema") ?? Path(definition, "to_remote_schema", "remote_schema");
        if (schema.AsText() is { } name && !_remoteSchemas.Contains(name))
        {
            Missing(schema, $"{what} refers to the remote schema '{name}', which is not in the metadata.");
        }

        if (Path(definition, "to_source", "source") is { } target && target.AsText() is { } source)
        {
            if (_sources.ContainsKey(source))
            {
                Require(source, Path(definition, "to_source", "table"), what);
            }
            else
            {
                Missing(target, $"{what} refers to the source '{source}', which is not in the metadata.");
            }
        }
    }

    private void InspectPermissions(string source, string table, JsonObject node)
    {
        foreach (var kind in new[] { "insert", "select", "update", "delete" })
        {
            foreach (var permission in node[$"{kind}_permissions"].AsObjects())
            {
                var what = $"The {kind} permission of role {permission["role"].AsText()} on {table}";
                InspectExpression(source, Path(permission, "permission", "filter"), what);
                InspectExpression(source, Path(permission, "permission", "check"), what);
            }
        }
    }

    private void InspectExpression(string source, JsonNode? node, string what)
    {
        foreach (var (key, value) in node as JsonObject ?? [])
        {
            switch (BooleanOperators.Modern(key), value)
            {
                case ("_and" or "_or", JsonArray list):
                    foreach (var entry in list)
                    {
                        InspectExpression(source, entry, what);
                    }

                    break;
                case ("_not", JsonObject):
                    InspectExpression(source, value, what);
                    break;
                case ("_exists", JsonObject exists):
                    Require(source, exists["_table"], what);
                    InspectExpression(source, exists["_where"], what);
                    break;
            }
        }
    }

    private void InspectTriggers(string source, JsonObject node, HashSet<string> names)
    {
        foreach (var trigger in node["event_triggers"].AsObjects())
        {
            var name = trigger["name"].AsText() ?? "";
            if (!names.Add(name))
            {
                _findings.Error("MetadataDuplicate", trigger, $"The event trigger '{name}' is defined twice in the source '{source}'.");
            }
        }
    }

    private void InspectCollections()
    {
        var collections = _document.Root["query_collections"].AsObjects()
            .GroupBy(c => c["name"].AsText() ?? "", StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => Names(g.First()["definition"].Get("queries"), "name"), StringComparer.Ordinal);
        foreach (var entry in _document.Root["allowlist"].AsObjects().Where(e => e["collection"].AsText() is { } name && !collections.ContainsKey(name)))
        {
            Missing(entry["collection"], $"The allow list names the query collection '{entry["collection"].AsText()}', which is not in the metadata.");
        }

        foreach (var endpoint in _document.Root["rest_endpoints"].AsObjects())
        {
            var query = Path(endpoint, "definition", "query");
            var (collection, name) = (query.Get("collection_name").AsText(), query.Get("query_name").AsText());
            if (collection is not null && name is not null && !(collections.TryGetValue(collection, out var queries) && queries.Contains(name)))
            {
                Missing(query, $"The REST endpoint '{endpoint["name"].AsText()}' uses the query '{name}' of the collection '{collection}', which is not in the metadata.");
            }
        }
    }

    private void Require(string source, JsonNode? name, string what)
    {
        if (name is not null && QualifiedName.Read(name) is { } table && !_sources[source].Has(table))
        {
            Missing(name, $"{what} refers to {table}, which the source '{source}' does not track.");
        }
    }

    private void Missing(JsonNode? node, string message) => _findings.Error("MetadataReferenceMissing", node, message);

    private static JsonNode? Path(JsonNode? node, params string[] keys)
    {
        foreach (var key in keys)
        {
            node = node.Get(key);
        }

        return node;
    }
}

/// <summary>The tables a source tracks.</summary>
internal sealed class TableIndex(JsonObject source)
{
    private readonly HashSet<QualifiedName> _tables = source["tables"].AsObjects().Select(t => QualifiedName.Read(t["table"])).OfType<QualifiedName>().ToHashSet();

    internal bool Has(QualifiedName table) => _tables.Contains(table);
}
