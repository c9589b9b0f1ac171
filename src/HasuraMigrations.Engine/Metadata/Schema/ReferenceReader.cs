using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>
/// Every name in a document that something else has to bear, whether it is there or not. The rules tell what a server needs; this
/// tells where it is written, and also what servers do not look at.
/// </summary>
internal sealed class ReferenceReader
{
    private readonly JsonObject _root;
    private readonly SchemaCache _cache;
    private readonly List<MetadataReference> _found = [];

    private readonly RelationshipTargets? _leads;

    private ReferenceReader(JsonObject root, SchemaCache cache, RelationshipTargets? leads) => (_root, _cache, _leads) = (root, cache, leads);

    /// <summary>All references of a document.</summary>
    /// <param name="root">The document.</param>
    /// <param name="cache">What a server makes of it, which tells where relationships lead.</param>
    /// <param name="leads">Where relationships lead by the document alone; null to leave out what the databases know.</param>
    internal static IReadOnlyList<MetadataReference> Read(JsonObject root, SchemaCache cache, RelationshipTargets? leads = null)
    {
        var reader = new ReferenceReader(root, cache, leads);
        foreach (var (name, node) in MetadataTree.SourcesOf(root))
        {
            reader.ReadSource(name, node);
        }

        reader.ReadGlobals();
        return reader._found;
    }

    private void ReadSource(string source, JsonObject node)
    {
        foreach (var (name, table) in MetadataTree.TablesOf(node))
        {
            var scope = new TableScope(_cache, source, name, _leads);
            ReadConfiguration(scope, table);
            ReadRelationships(scope, table);
            ReadComputedFields(scope, table);
            ReadRemoteRelationships(scope, table);
            foreach (var trigger in table["event_triggers"].AsObjects())
            {
                ReadEventTrigger(scope, trigger);
            }

            foreach (var kind in PermissionRules.Kinds)
            {
                foreach (var entry in table[$"{kind}_permissions"].AsObjects())
                {
                    ReadPermission(scope, kind, entry);
                }
            }
        }

        foreach (var (name, function) in MetadataTree.FunctionsOf(node))
        {
            ReadFunctionPermissions(source, name, function);
        }

        foreach (var query in node["native_queries"].AsObjects())
        {
            var owner = new ObjectId(ObjectKind.NativeQuery, source, default, query["root_field_name"].AsText() ?? "");
            Add(owner, new ObjectId(ObjectKind.LogicalModel, source, default, query["returns"].AsText() ?? ""), DependencyKind.Returns, query, "returns");
            ReadNativeLinks(source, owner, query);
        }
    }

    private void ReadNativeLinks(string source, ObjectId owner, JsonObject query)
    {
        foreach (var manual in query["object_relationships"].AsObjects().Concat(query["array_relationships"].AsObjects()).Select(r => r["using"]).OfType<JsonObject>())
        {
            if (QualifiedName.Read(manual["remote_table"]) is { } table)
            {
                var far = new TableScope(_cache, source, table);
                Add(owner, far.Table, DependencyKind.Relationship, manual, "remote_table");
                AddMapping(owner, null, far.Column, manual["column_mapping"]);
            }
            else if (manual["remote_native_query"].AsText() is { } other)
            {
                Add(owner, NativeQueryRules.IdOf(source, other), DependencyKind.Relationship, manual, "remote_native_query");
            }
        }
    }

    private void ReadConfiguration(TableScope scope, JsonObject table)
    {
        foreach (var key in new[] { "column_config", "custom_column_names" })
        {
            AddKeys(scope.Table, scope.Column, DependencyKind.Configuration, table["configuration"].Get(key));
        }
    }

    private void ReadRelationships(TableScope scope, JsonObject table)
    {
        foreach (var entry in table["object_relationships"].AsObjects().Concat(table["array_relationships"].AsObjects()))
        {
            var owner = scope.Member(ObjectKind.Relationship, entry["name"].AsText());
            if (entry["using"] is not JsonObject definition)
            {
                continue;
            }

            switch (definition["foreign_key_constraint_on"])
            {
                case JsonObject key when QualifiedName.Read(key["table"]) is { } other:
                    var target = scope.Other(other);
                    Add(owner, target.Table, DependencyKind.Relationship, key, "table");
                    AddTexts(owner, target.Column, DependencyKind.Relationship, key, "column");
                    AddTexts(owner, target.Column, DependencyKind.Relationship, key, "columns");
                    break;
                case not null:
                    AddTexts(owner, scope.Column, DependencyKind.Relationship, definition, "foreign_key_constraint_on");
                    break;
            }

            if (definition["manual_configuration"] is JsonObject manual && QualifiedName.Read(manual["remote_table"]) is { } remote)
            {
                Add(owner, scope.Other(remote).Table, DependencyKind.Relationship, manual, "remote_table");
                AddMapping(owner, scope.Column, scope.Other(remote).Column, manual["column_mapping"]);
            }
        }
    }

    private void ReadComputedFields(TableScope scope, JsonObject table)
    {
        foreach (var entry in table["computed_fields"].AsObjects())
        {
            if (entry["definition"] is JsonObject definition && QualifiedName.Read(definition["function"]) is { } function)
            {
                Add(scope.Member(ObjectKind.ComputedField, entry["name"].AsText()), ObjectId.OfFunction(scope.Source, function), DependencyKind.Calls, definition, "function");
            }
        }
    }

    private void ReadRemoteRelationships(TableScope scope, JsonObject table)
    {
        foreach (var entry in table["remote_relationships"].AsObjects())
        {
            var owner = scope.Member(ObjectKind.RemoteRelationship, entry["name"].AsText());
            // The commands of servers 1.x have these members beside the name, without a definition (Hasura 1.3.3).
            var definition = entry["definition"] as JsonObject ?? entry;
            if (definition["to_source"] is JsonObject target && QualifiedName.Read(target["table"]) is { } other)
            {
                var far = new TableScope(_cache, target["source"].AsText() ?? "", other);
                Add(owner, far.Table, DependencyKind.Relationship, target, "table");
                AddMapping(owner, scope.Field, far.Column, target["field_mapping"]);
                continue;
            }

            var remote = definition["to_remote_schema"] as JsonObject ?? definition;
            Add(owner, ObjectId.OfGlobal(ObjectKind.RemoteSchema, remote["remote_schema"].AsText() ?? ""), DependencyKind.Relationship, remote, "remote_schema");
            AddTexts(owner, scope.Field, DependencyKind.Relationship, remote, "lhs_fields");
            AddTexts(owner, scope.Field, DependencyKind.Relationship, remote, "hasura_fields");
        }
    }

    private void ReadEventTrigger(TableScope scope, JsonObject entry)
    {
        var owner = scope.Member(ObjectKind.EventTrigger, entry["name"].AsText());
        foreach (var operation in EventTriggerRules.Operations.Select(o => entry["definition"].Get(o)).OfType<JsonObject>())
        {
            foreach (var key in new[] { "columns", "payload" }.Where(k => operation[k] is JsonArray))
            {
                AddTexts(owner, scope.Column, DependencyKind.Lists, operation, key);
            }
        }
    }

    private void ReadPermission(TableScope scope, string kind, JsonObject entry)
    {
        if (entry["permission"] is not JsonObject permission)
        {
            return;
        }

        var owner = new ObjectId(ObjectKind.Permission, scope.Source, scope.Name, kind, entry["role"].AsText() ?? "");
        var isAll = permission["columns"].AsText() == "*" || (permission["columns"] is null && kind == "insert");
        if (isAll && kind != "delete")
        {
            var place = permission.ContainsKey("columns") ? new NamePlace(permission, "columns") : new NamePlace(entry, "permission");
            _found.AddRange((scope.Info?.Facts.Columns ?? []).Where(c => kind == "select" || c.IsWritable).Select(c => new MetadataReference(owner, scope.Column(c.Name), DependencyKind.Includes, place)));
        }
        else if (permission["columns"] is JsonArray)
        {
            AddTexts(owner, scope.Column, DependencyKind.Lists, permission, "columns");
        }

        AddTexts(owner, n => scope.Member(ObjectKind.ComputedField, n), DependencyKind.Lists, permission, "computed_fields");
        AddKeys(owner, scope.Column, DependencyKind.Preset, permission["set"]);
        new ExpressionReferences(owner, DependencyKind.Filter, scope, _found).Read(permission["filter"], scope);
        new ExpressionReferences(owner, DependencyKind.Check, scope, _found).Read(permission["check"], scope);
    }

    private void ReadFunctionPermissions(string source, QualifiedName name, JsonObject function)
    {
        foreach (var entry in function["permissions"].AsObjects().Where(e => e["role"] is not null))
        {
            var owner = new ObjectId(ObjectKind.FunctionPermission, source, name, "", entry["role"].AsText() ?? "");
            if (_cache.Functions.GetValueOrDefault((source, name)) is { } table)
            {
                Add(owner, new ObjectId(ObjectKind.Permission, source, table, "select", owner.Role), DependencyKind.Role, entry, "role");
            }
        }
    }

    private void ReadGlobals()
    {
        foreach (var type in _root["custom_types"].Get("objects").AsObjects())
        {
            foreach (var relationship in type["relationships"].AsObjects())
            {
                if (QualifiedName.Read(relationship["remote_table"]) is { } table)
                {
                    var far = new TableScope(_cache, relationship["source"].AsText() ?? MetadataDocument.DefaultSource, table);
                    var owner = ObjectId.OfGlobal(ObjectKind.CustomTypes, type["name"].AsText() ?? "");
                    Add(owner, far.Table, DependencyKind.Relationship, relationship, "remote_table");
                    AddMapping(owner, null, far.Column, relationship["field_mapping"]);
                }
            }
        }

        foreach (var action in _root["actions"].AsObjects())
        {
            if (action["definition"] is JsonObject definition && definition["output_type"].AsText()?.Trim('[', ']', '!', ' ') is { Length: > 0 } type && _root["custom_types"].EntryAt("objects", "name", type) is not null)
            {
                Add(ObjectId.OfGlobal(ObjectKind.Action, action["name"].AsText() ?? ""), ObjectId.OfGlobal(ObjectKind.CustomTypes, type), DependencyKind.Type, definition, "output_type");
            }
        }

        foreach (var role in _root["inherited_roles"].AsObjects())
        {
            AddTexts(ObjectId.OfGlobal(ObjectKind.InheritedRole, role["role_name"].AsText() ?? ""), n => ObjectId.OfGlobal(ObjectKind.Role, n), DependencyKind.Role, role, "role_set");
        }

        foreach (var endpoint in _root["rest_endpoints"].AsObjects())
        {
            if (endpoint["definition"].Get("query") is JsonObject query)
            {
                Add(ObjectId.OfGlobal(ObjectKind.RestEndpoint, endpoint["name"].AsText() ?? ""), ObjectId.OfGlobal(ObjectKind.CollectionQuery, query["collection_name"].AsText() ?? "", query["query_name"].AsText() ?? ""), DependencyKind.Endpoint, query, "query_name");
            }
        }
    }

    private void Add(ObjectId owner, ObjectId target, DependencyKind kind, JsonObject container, string key)
    {
        if (container[key] is not null)
        {
            _found.Add(new MetadataReference(owner, target, kind, new NamePlace(container, key)));
        }
    }

    private void AddTexts(ObjectId owner, Func<string, ObjectId> target, DependencyKind kind, JsonObject container, string key)
    {
        switch (container[key])
        {
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i].AsText() is { } name)
                    {
                        _found.Add(new MetadataReference(owner, target(name), kind, new NamePlace(list, null, i)));
                    }
                }

                break;
            case { } value when value.AsText() is { } text:
                _found.Add(new MetadataReference(owner, target(text), kind, new NamePlace(container, key)));
                break;
        }
    }

    private void AddKeys(ObjectId owner, Func<string, ObjectId> target, DependencyKind kind, JsonNode? map) =>
        _found.AddRange((map as JsonObject ?? []).Select(m => new MetadataReference(owner, target(m.Key), kind, new NamePlace(map!, m.Key, IsKey: true))));

    private void AddMapping(ObjectId owner, Func<string, ObjectId>? near, Func<string, ObjectId> far, JsonNode? map)
    {
        if (near is not null)
        {
            AddKeys(owner, near, DependencyKind.Relationship, map);
        }

        _found.AddRange((map as JsonObject ?? []).Where(m => m.Value.AsText() is not null).Select(m => new MetadataReference(owner, far(m.Value.AsText()!), DependencyKind.Relationship, new NamePlace(map!, m.Key))));
    }
}
