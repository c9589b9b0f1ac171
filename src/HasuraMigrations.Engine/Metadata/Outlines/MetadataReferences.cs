using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Outlines;

/// <summary>What the metadata itself says of tables and columns: every place that names one.</summary>
internal sealed class MetadataReferences : ISchemaDependents
{
    private readonly Dictionary<(string Source, QualifiedName Table), Dictionary<string, List<SchemaDependent>>> _found = [];
    private readonly Dictionary<(string Source, QualifiedName Table, string Name), OutlineRelationship> _relationships = [];
    private readonly MetadataPositions _positions;

    internal MetadataReferences(IReadOnlyList<(string Source, QualifiedName Name, JsonObject Node)> tables, IReadOnlyList<OutlineRelationship> relationships, JsonObject root, MetadataPositions positions)
    {
        _positions = positions;
        foreach (var relationship in relationships)
        {
            _relationships[(relationship.Source, relationship.Table, relationship.Name)] = relationship;
            Add(relationship);
        }

        foreach (var (source, name, node) in tables)
        {
            AddPermissions(source, name, node);
            AddOthers(source, name, node);
        }

        AddTypes(root);
    }

    /// <inheritdoc/>
    public IReadOnlyList<SchemaDependent> Of(string source, QualifiedName table, string? column) =>
        _found.GetValueOrDefault((source, table))?.GetValueOrDefault(column ?? "") ?? [];

    /// <inheritdoc/>
    public IEnumerable<string> ColumnsOf(string source, QualifiedName table) => _found.GetValueOrDefault((source, table))?.Keys.Where(c => c.Length > 0) ?? [];

    private void Add(OutlineRelationship relationship)
    {
        var kind = relationship.Kind switch
        {
            SchemaRelationshipKind.Object => "object relationship",
            SchemaRelationshipKind.Array => "array relationship",
            _ => "foreign key",
        };
        var name = $"{kind} {relationship.Name} of {relationship.Table}";
        Note(relationship.Source, relationship.Table, relationship.Columns, kind, name, "its columns", relationship.Node);
        if (relationship.Target is { } target)
        {
            NoteTable(relationship.TargetSource, target, kind, name, "its target", relationship.Node);
            Note(relationship.TargetSource, target, relationship.TargetColumns, kind, name, "its target", relationship.Node);
        }
    }

    private void AddPermissions(string source, QualifiedName table, JsonObject node)
    {
        foreach (var operation in SchemaOutline.Operations)
        {
            foreach (var entry in node[$"{operation}_permissions"].AsObjects())
            {
                var (kind, role, permission) = ($"{operation} permission", entry["role"].AsText(), entry["permission"]);
                var name = $"{kind} {role} of {table}";
                Note(source, table, permission.Get("columns").AsTexts(), kind, name, "columns", entry);
                Note(source, table, (permission.Get("set") as JsonObject)?.Select(m => m.Key), kind, name, "presets", entry);
                AddExpression(source, table, permission.Get("filter"), kind, name, "filter", entry, 0);
                AddExpression(source, table, permission.Get("check"), kind, name, "check", entry, 0);
            }
        }
    }

    // What leads through a relationship is about the table behind it.
    private void AddExpression(string source, QualifiedName table, JsonNode? expression, string kind, string name, string use, JsonObject entry, int depth)
    {
        if (expression is not JsonObject map || depth > 200)
        {
            return;
        }

        foreach (var (key, value) in map)
        {
            switch (BooleanOperators.Modern(key))
            {
                case "_and" or "_or":
                    value.AsObjects().ToList().ForEach(e => AddExpression(source, table, e, kind, name, use, entry, depth + 1));
                    break;
                case "_not":
                    AddExpression(source, table, value, kind, name, use, entry, depth + 1);
                    break;
                case "_exists" when QualifiedName.Read(value.Get("_table")) is { } other:
                    NoteTable(source, other, kind, name, use, entry);
                    AddExpression(source, other, value.Get("_where"), kind, name, use, entry, depth + 1);
                    break;
                case "_exists":
                    break;
                default:
                    if (_relationships.TryGetValue((source, table, key), out var relationship))
                    {
                        Note(source, table, relationship.Columns, kind, name, use, entry);
                        if (relationship.Target is { } target)
                        {
                            NoteTable(relationship.TargetSource, target, kind, name, use, entry);
                            Note(relationship.TargetSource, target, relationship.TargetColumns, kind, name, use, entry);
                            AddExpression(relationship.TargetSource, target, value, kind, name, use, entry, depth + 1);
                        }
                    }
                    else
                    {
                        Note(source, table, [key], kind, name, use, entry);
                        AddCompared(source, table, value, kind, name, use, entry);
                    }

                    break;
            }
        }
    }

    // A column that is compared with another one.
    private void AddCompared(string source, QualifiedName table, JsonNode? comparison, string kind, string name, string use, JsonObject entry)
    {
        foreach (var (key, value) in comparison as JsonObject ?? [])
        {
            if (key.TrimStart('_', '$') is "ceq" or "cne" or "cneq" or "cgt" or "clt" or "cgte" or "clte" && (value.AsText() ?? value.AsTexts().LastOrDefault()) is { } column)
            {
                Note(source, table, [column], kind, name, use, entry);
            }
        }
    }

    private void AddOthers(string source, QualifiedName table, JsonObject node)
    {
        Note(source, table, (node["configuration"].Get("column_config") as JsonObject)?.Select(m => m.Key), "table configuration", $"configuration of {table}", "names and comments of columns", node);
        Note(source, table, (node["configuration"].Get("custom_column_names") as JsonObject)?.Select(m => m.Key), "table configuration", $"configuration of {table}", "names and comments of columns", node);
        foreach (var trigger in node["event_triggers"].AsObjects())
        {
            var name = $"event trigger {trigger["name"].AsText()} of {table}";
            NoteTable(source, table, "event trigger", name, "its events", trigger);
            foreach (var operation in new[] { "insert", "update", "delete" })
            {
                var listened = trigger["definition"].Get(operation);
                Note(source, table, listened.Get("columns").AsTexts().Concat(listened.Get("payload").AsTexts()).Distinct(), "event trigger", name, operation, trigger);
            }
        }

        foreach (var field in node["computed_fields"].AsObjects())
        {
            var name = $"computed field {field["name"].AsText()} of {table}";
            NoteTable(source, table, "computed field", name, "its rows", field);
            if (QualifiedName.Read(field["definition"].Get("return_table")) is { } returned)
            {
                NoteTable(source, returned, "computed field", name, "its result", field);
            }
        }

        foreach (var remote in node["remote_relationships"].AsObjects().Where(r => r["definition"].Get("to_source") is null))
        {
            var columns = remote["definition"].Get("hasura_fields").AsTexts().Concat(remote["definition"].Get("to_remote_schema").Get("lhs_fields").AsTexts());
            Note(source, table, columns, "remote relationship", $"remote relationship {remote["name"].AsText()} of {table}", "its columns", remote);
        }
    }

    private void AddTypes(JsonObject root)
    {
        foreach (var type in root["custom_types"].Get("objects").AsObjects())
        {
            foreach (var relationship in type["relationships"].AsObjects())
            {
                if (QualifiedName.Read(relationship["remote_table"]) is { } target)
                {
                    var (source, name) = (relationship["source"].AsText() ?? MetadataDocument.DefaultSource, $"relationship {relationship["name"].AsText()} of type {type["name"].AsText()}");
                    NoteTable(source, target, "relationship of a type", name, "its target", relationship);
                    Note(source, target, (relationship["field_mapping"] as JsonObject)?.Select(m => m.Value.AsText() ?? ""), "relationship of a type", name, "its target", relationship);
                }
            }
        }
    }

    private void NoteTable(string source, QualifiedName table, string kind, string name, string use, JsonNode? node) => Note(source, table, [""], kind, name, use, node);

    private void Note(string source, QualifiedName table, IEnumerable<string>? columns, string kind, string name, string use, JsonNode? node)
    {
        if (!_found.TryGetValue((source, table), out var ofTable))
        {
            _found[(source, table)] = ofTable = new(StringComparer.Ordinal);
        }

        foreach (var column in columns ?? [])
        {
            if (!ofTable.TryGetValue(column, out var list))
            {
                ofTable[column] = list = [];
            }

            var at = list.FindIndex(d => d.Name == name);
            if (at < 0)
            {
                var position = _positions.Near(node);
                list.Add(new SchemaDependent(kind, name, use) { File = position?.File, Line = position?.Line });
            }
            else if (!list[at].Use.Split(", ").Contains(use))
            {
                list[at] = list[at] with { Use = $"{list[at].Use}, {use}" };
            }
        }
    }
}
