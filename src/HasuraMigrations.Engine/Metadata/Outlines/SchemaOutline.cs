using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Outlines;

/// <summary>Makes an outline of a document: tables, relationships and permissions, for people.</summary>
internal static class SchemaOutline
{
    /// <summary>What permissions are about, in the order in which they are shown.</summary>
    internal static readonly IReadOnlyList<string> Operations = ["select", "insert", "update", "delete"];

    /// <summary>The outline.</summary>
    /// <param name="document">The document.</param>
    /// <param name="bySource">The databases of its sources, as far as they were read.</param>
    /// <param name="graph">What depends on what.</param>
    /// <param name="origin">Where the document was read from.</param>
    /// <param name="includes">Chooses tables by their names; null for all.</param>
    internal static HasuraSchema Of(MetadataDocument document, IReadOnlyDictionary<string, DatabaseCatalog> bySource, DependencyGraph graph, string origin, Func<string, bool>? includes)
    {
        var tables = OutlineRelationships.TablesOf(document);
        var relationships = new OutlineRelationships(tables, bySource).All;
        var dependents = new SchemaDependents(graph, relationships, document.Positions);
        var shown = tables.Where(t => includes is null || includes(t.Name.ToString())).ToList();
        var names = shown.Select(t => (t.Source, t.Name)).ToHashSet();
        var outlined = shown.Select(t => Table(t.Source, t.Name, t.Node, bySource.GetValueOrDefault(t.Source)?.FindTable(t.Name.Schema, t.Name.Name), relationships, dependents, document)).ToList();
        return new HasuraSchema
        {
            Origin = origin,
            IsComplete = shown.Count > 0 && shown.All(t => bySource.ContainsKey(t.Source)),
            Tables = outlined,
            Relationships = [.. relationships.Where(r => names.Contains((r.Source, r.Table)) && (r.Target is null || includes is null || names.Contains((r.TargetSource, r.Target.Value)))).Select(r => r.ToContract())],
            Roles = [.. outlined.SelectMany(t => t.Permissions).Select(p => p.Role).Distinct().Order(StringComparer.Ordinal)],
        };
    }

    private static SchemaTable Table(string source, QualifiedName name, JsonObject node, CatalogTable? facts, IReadOnlyList<OutlineRelationship> relationships, SchemaDependents dependents, MetadataDocument document)
    {
        var keys = relationships.Where(r => r.Source == source && r.Table == name && r.HoldsKey).SelectMany(r => r.Columns)
            .Concat(relationships.Where(r => r.TargetSource == source && r.Target == name && !r.HoldsKey && r.Kind != SchemaRelationshipKind.Object).SelectMany(r => r.TargetColumns))
            .Concat(facts?.ForeignKeys.SelectMany(k => k.Columns) ?? [])
            .ToHashSet(StringComparer.Ordinal);
        IEnumerable<SchemaColumn> columns = facts is not null
            ? facts.Columns.OrderBy(c => c.Position).Select(c => new SchemaColumn
            {
                Name = c.Name,
                Type = c.Type,
                IsNullable = c.IsNullable,
                IsPrimaryKey = facts.PrimaryKey?.Columns.Contains(c.Name) == true,
                IsForeignKey = keys.Contains(c.Name),
                Dependents = dependents.Of(source, name, c.Name),
            })
            : dependents.ColumnsOf(source, name).Select(c => new SchemaColumn { Name = c, IsForeignKey = keys.Contains(c), Dependents = dependents.Of(source, name, c) });
        var position = document.Positions.Near(node);
        return new SchemaTable
        {
            Source = source,
            Name = name.ToString(),
            IsEnum = node["is_enum"] is JsonValue value && value.TryGetValue<bool>(out var isEnum) && isEnum,
            Columns = [.. columns],
            Permissions = [.. Operations.SelectMany(o => node[$"{o}_permissions"].AsObjects().Select(p => Permission(o, p))).OrderBy(p => p.Role, StringComparer.Ordinal)],
            Dependents = dependents.Of(source, name, null),
            File = position?.File,
            Line = position?.Line,
        };
    }

    private static SchemaPermission Permission(string operation, JsonObject entry)
    {
        var permission = entry["permission"];
        return new SchemaPermission
        {
            Role = entry["role"].AsText() ?? "",
            Operation = operation,
            Columns = operation == "delete" ? [] : permission.Get("columns") is JsonArray list ? [.. list.AsTexts()] : null,
            Filter = Expression(permission.Get("filter")),
            Check = Expression(permission.Get("check")),
            // Their values may be secrets.
            Presets = [.. (permission.Get("set") as JsonObject)?.Select(m => m.Key) ?? []],
            Limit = permission.Get("limit")?.ToText(),
            AllowsAggregations = permission.Get("allow_aggregations") is JsonValue value && value.TryGetValue<bool>(out var isAllowed) && isAllowed,
        };
    }

    private static string? Expression(JsonNode? expression) => expression is null or JsonObject { Count: 0 } ? null : SecretMask.ToText(expression);
}
