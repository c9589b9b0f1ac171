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
        var user = new User(kind, $"{kind} {relationship.Name} of {relationship.Table}", $"{relationship.Table}", relationship.Node);
        Note(relationship.Source, relationship.Table, relationship.Columns, user, "its columns");
        if (relationship.Target is { } target)
        {
            NoteTable(relationship.TargetSource, target, user, "its target");
            Note(relationship.TargetSource, target, relationship.TargetColumns, user, "its target");
        }
    }

    private void AddPermissions(string source, QualifiedName table, JsonObject node)
    {
        foreach (var operation in SchemaOutline.Operations)
        {
            foreach (var entry in node[$"{operation}_permissions"].AsObjects())
            {
                var (role, permission) = (entry["role"].AsText(), entry["permission"]);
                var user = new User($"{operation} permission", $"{operation} permission {role} of {table}", $"{table}", entry) { Role = role };
                Note(source, table, permission.Get("columns").AsTexts(), user, "columns");
                Note(source, table, (permission.Get("set") as JsonObject)?.Select(m => m.Key), user, "presets");
                AddExpression(source, table, permission.Get("filter"), user, "filter", 0);
                AddExpression(source, table, permission.Get("check"), user, "check", 0);
            }
        }
    }

    // What leads through a relationship is about the table behind it.
    private void AddExpression(string source, QualifiedName table, JsonNode? expression, User user, string use, int depth)
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
                    value.AsObjects().ToList().ForEach(e => AddExpression(source, table, e, user, use, depth + 1));
                    break;
                case "_not":
                    AddExpression(source, table, value, user, use, depth + 1);
                    break;
                case "_exists" when QualifiedName.Read(value.Get("_table")) is { } other:
                    NoteTable(source, other, user, use);
                    AddExpression(source, other, value.Get("_where"), user, use, depth + 1);
                    break;
                case "_exists":
                    break;
                default:
                    if (_relationships.TryGetValue((source, table, key), out var relationship))
                    {
                        Note(source, table, relationship.Columns, user, use);
                        if (relationship.Target is { } target)
                        {
                            NoteTable(relationship.TargetSource, target, user, use);
                            Note(relationship.TargetSource, target, relationship.TargetColumns, user, use);
                            AddExpression(relationship.TargetSource, target, value, user, use, depth + 1);
                        }
                    }
                    else
                    {
                        Note(source, table, [key], user, use);
                        AddCompared(source, table, value, user, use);
                    }

                    break;
            }
        }
    }

    // A column that is compared with another one.
    private void AddCompared(string source, QualifiedName table, JsonNode? comparison, User user, string use)
    {
        foreach (var (key, value) in comparison as JsonObject ?? [])
        {
            if (key.TrimStart('_', '$') is "ceq" or "cne" or "cneq" or "cgt" or "clt" or "cgte" or "clte" && (value.AsText() ?? value.AsTexts().LastOrDefault()) is { } column)
            {
                Note(source, table, [column], user, use);
            }
        }
    }

    private void AddOthers(string source, QualifiedName table, JsonObject node)
    {
        var configuration = new User("table configuration", $"configuration of {table}", $"{table}", node);
        Note(source, table, (node["configuration"].Get("column_config") as JsonObject)?.Select(m => m.Key), configuration, "names and comments of columns");
        Note(source, table, (node["configuration"].Get("custom_column_names") as JsonObject)?.Select(m => m.Key), configuration, "names and comments of columns");
        foreach (var trigger in node["event_triggers"].AsObjects())
        {
            var user = new User("event trigger", $"event trigger {trigger["name"].AsText()} of {table}", $"{table}", trigger);
            NoteTable(source, table, user, "its events");
            foreach (var operation in new[] { "insert", "update", "delete" })
            {
                var listened = trigger["definition"].Get(operation);
                Note(source, table, listened.Get("columns").AsTexts().Concat(listened.Get("payload").AsTexts()).Distinct(), user, operation);
            }
        }

        foreach (var field in node["computed_fields"].AsObjects())
        {
            var user = new User("computed field", $"computed field {field["name"].AsText()} of {table}", $"{table}", field);
            NoteTable(source, table, user, "its rows");
            if (QualifiedName.Read(field["definition"].Get("return_table")) is { } returned)
            {
                NoteTable(source, returned, user, "its result");
            }
        }

        foreach (var remote in node["remote_relationships"].AsObjects().Where(r => r["definition"].Get("to_source") is null))
        {
            var columns = remote["definition"].Get("hasura_fields").AsTexts().Concat(remote["definition"].Get("to_remote_schema").Get("lhs_fields").AsTexts());
            Note(source, table, columns, new User("remote relationship", $"remote relationship {remote["name"].AsText()} of {table}", $"{table}", remote), "its columns");
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
                    var source = relationship["source"].AsText() ?? MetadataDocument.DefaultSource;
                    var user = new User("relationship of a type", $"relationship {relationship["name"].AsText()} of type {type["name"].AsText()}", type["name"].AsText() ?? "", relationship);
                    NoteTable(source, target, user, "its target");
                    Note(source, target, (relationship["field_mapping"] as JsonObject)?.Select(m => m.Value.AsText() ?? ""), user, "its target");
                }
            }
        }
    }

    private void NoteTable(string source, QualifiedName table, User user, string use) => Note(source, table, [""], user, use);

    private void Note(string source, QualifiedName table, IEnumerable<string>? columns, User user, string use)
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

            var at = list.FindIndex(d => d.Name == user.Name);
            if (at < 0)
            {
                var position = _positions.Near(user.Node);
                list.Add(new SchemaDependent(user.Kind, user.Name, use) { Role = user.Role, Parent = user.Parent, File = position?.File, Line = position?.Line });
            }
            else if (!list[at].Use.Split(", ").Contains(use))
            {
                list[at] = list[at] with { Use = $"{list[at].Use}, {use}" };
            }
        }
    }

    /// <summary>What names a table or column.</summary>
    private sealed record User(string Kind, string Name, string Parent, JsonNode? Node)
    {
        /// <summary>The role of a permission.</summary>
        internal string? Role { get; init; }
    }
}
