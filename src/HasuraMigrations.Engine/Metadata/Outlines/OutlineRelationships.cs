using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Outlines;

/// <summary>A relationship with its tables as names, and where it stands.</summary>
internal sealed record OutlineRelationship(string Source, QualifiedName Table, string Name, SchemaRelationshipKind Kind, string TargetSource, QualifiedName? Target, IReadOnlyList<string> Columns, IReadOnlyList<string> TargetColumns, bool HoldsKey, JsonNode? Node)
{
    /// <summary>As users see it.</summary>
    internal SchemaRelationship ToContract() => new()
    {
        Source = Source,
        Table = Table.ToString(),
        Name = Name,
        Kind = Kind,
        TargetSource = TargetSource,
        Target = Target?.ToString(),
        Columns = Columns,
        TargetColumns = TargetColumns,
        HoldsKey = HoldsKey,
    };
}

/// <summary>
/// Finds where relationships lead. An object relationship over a foreign key names its own columns alone; the database knows the table, or an
/// array relationship in the other direction.
/// </summary>
internal sealed class OutlineRelationships
{
    private readonly IReadOnlyDictionary<string, DatabaseCatalog> _catalogs;
    private readonly Dictionary<(string Source, QualifiedName Table, string Columns), QualifiedName> _owners = [];
    private readonly HashSet<(string Source, QualifiedName Table, string Columns)> _keys = [];
    private readonly List<OutlineRelationship> _all = [];

    internal OutlineRelationships(IReadOnlyList<(string Source, QualifiedName Name, JsonObject Node)> tables, IReadOnlyDictionary<string, DatabaseCatalog> catalogs)
    {
        _catalogs = catalogs;
        foreach (var (source, name, node) in tables)
        {
            foreach (var (_, relationship) in Own(node))
            {
                if (ForeignKey(relationship) is JsonObject key && QualifiedName.Read(key["table"]) is { } holder)
                {
                    var columns = Joined(Columns(key["column"] ?? key["columns"]));
                    _owners.TryAdd((source, holder, columns), name);
                    _keys.Add((source, holder, columns));
                }
                else if (ForeignKey(relationship) is { } own)
                {
                    _keys.Add((source, name, Joined(Columns(own))));
                }
            }
        }

        foreach (var (source, name, node) in tables)
        {
            _all.AddRange(Own(node).Select(r => Read(source, name, r.Kind, r.Node)).OfType<OutlineRelationship>());
            _all.AddRange(node["remote_relationships"].AsObjects().Select(r => Remote(source, name, r)).OfType<OutlineRelationship>());
        }

        var tracked = tables.Select(t => (t.Source, t.Name)).ToHashSet();
        foreach (var (source, name, _) in tables)
        {
            _all.AddRange(Unused(source, name, tracked));
        }
    }

    /// <summary>The tables of a document in the order of their names.</summary>
    internal static IReadOnlyList<(string Source, QualifiedName Name, JsonObject Node)> TablesOf(MetadataDocument document) =>
    [
        .. MetadataTree.SourcesOf(document.Root)
            .SelectMany(s => MetadataTree.TablesOf(s.Node).Select(t => (Source: s.Name, t.Name, Node: document.LookAt(t.Node))))
            .DistinctBy(t => (t.Source, t.Name))
            .OrderBy(t => t.Source, StringComparer.Ordinal).ThenBy(t => t.Name),
    ];

    /// <summary>Where relationships lead by a document alone.</summary>
    internal static RelationshipTargets LeadsOf(MetadataDocument document)
    {
        var known = new Lazy<ILookup<(string, QualifiedName, string), OutlineRelationship>>(() =>
            new OutlineRelationships(TablesOf(document), new Dictionary<string, DatabaseCatalog>()).All.ToLookup(r => (r.Source, r.Table, r.Name)));
        return (string source, QualifiedName table, string name, out QualifiedName? target) =>
        {
            var found = known.Value[(source, table, name)].FirstOrDefault();
            target = found?.Target;
            return found is not null;
        };
    }

    /// <summary>All of them.</summary>
    internal IReadOnlyList<OutlineRelationship> All => _all;

    private static IEnumerable<(SchemaRelationshipKind Kind, JsonObject Node)> Own(JsonObject table) =>
        table["object_relationships"].AsObjects().Select(r => (SchemaRelationshipKind.Object, r)).Concat(table["array_relationships"].AsObjects().Select(r => (SchemaRelationshipKind.Array, r)));

    private static JsonNode? ForeignKey(JsonObject relationship) => relationship["using"].Get("foreign_key_constraint_on");

    private static List<string> Columns(JsonNode? node) => node is JsonArray list ? [.. list.AsTexts()] : node.AsText() is { } one ? [one] : [];

    private static string Joined(IEnumerable<string> columns) => string.Join('\n', columns);

    private OutlineRelationship? Read(string source, QualifiedName table, SchemaRelationshipKind kind, JsonObject node)
    {
        if (node["name"].AsText() is not { } name)
        {
            return null;
        }

        if (ForeignKey(node) is JsonObject key)
        {
            var holder = QualifiedName.Read(key["table"]);
            var columns = Columns(key["column"] ?? key["columns"]);
            var target = holder is null ? null : FindKey(source, holder.Value, columns)?.TargetColumns;
            return new(source, table, name, kind, source, holder, target ?? [], columns, HoldsKey: false, node);
        }

        if (ForeignKey(node) is { } own)
        {
            var columns = Columns(own);
            var found = FindKey(source, table, columns);
            QualifiedName? target = found is not null ? new QualifiedName(found.Target.Schema, found.Target.Name)
                : _owners.TryGetValue((source, table, Joined(columns)), out var owner) ? owner
                : null;
            return new(source, table, name, kind, source, target, columns, found?.TargetColumns ?? [], HoldsKey: true, node);
        }

        var manual = node["using"].Get("manual_configuration");
        var (left, right) = Mapping(manual.Get("column_mapping"));
        return new(source, table, name, kind, source, QualifiedName.Read(manual.Get("remote_table")), left, right, HoldsKey(kind, (source, table, left), (source, QualifiedName.Read(manual.Get("remote_table")), right)), node);
    }

    // A mapping does not say which side refers to the other. A foreign key on either side does, else rows of several refer to one.
    private bool HoldsKey(SchemaRelationshipKind kind, (string Source, QualifiedName Table, List<string> Columns) own, (string Source, QualifiedName? Table, List<string> Columns) other) =>
        kind == SchemaRelationshipKind.Object && (IsKey(own.Source, own.Table, own.Columns) || other.Table is not { } target || !IsKey(other.Source, target, other.Columns));

    private bool IsKey(string source, QualifiedName table, List<string> columns) => _keys.Contains((source, table, Joined(columns))) || FindKey(source, table, columns) is not null;

    private OutlineRelationship? Remote(string source, QualifiedName table, JsonObject node)
    {
        if (node["definition"].Get("to_source") is not JsonObject target || node["name"].AsText() is not { } name || QualifiedName.Read(target["table"]) is not { } to)
        {
            return null;
        }

        var kind = target["relationship_type"].AsText() == "array" ? SchemaRelationshipKind.Array : SchemaRelationshipKind.Object;
        var (left, right) = Mapping(target["field_mapping"]);
        return new(source, table, name, kind, target["source"].AsText() ?? "", to, left, right, HoldsKey(kind, (source, table, left), (target["source"].AsText() ?? "", to, right)), node);
    }

    private static (List<string> Left, List<string> Right) Mapping(JsonNode? mapping) => mapping is JsonObject map
        ? ([.. map.Select(m => m.Key)], [.. map.Select(m => m.Value.AsText() ?? "")])
        : ([], []);

    private CatalogForeignKey? FindKey(string source, QualifiedName table, List<string> columns) =>
        _catalogs.GetValueOrDefault(source)?.FindTable(table.Schema, table.Name)?.ForeignKeys.FirstOrDefault(k => k.Columns.ToHashSet().SetEquals(columns));

    private IEnumerable<OutlineRelationship> Unused(string source, QualifiedName table, HashSet<(string Source, QualifiedName Name)> tracked)
    {
        foreach (var key in _catalogs.GetValueOrDefault(source)?.FindTable(table.Schema, table.Name)?.ForeignKeys ?? [])
        {
            var target = new QualifiedName(key.Target.Schema, key.Target.Name);
            var isUsed = _all.Exists(r => r.Source == source && r.TargetSource == source
                && ((r.HoldsKey && r.Table == table && r.Target == target && r.Columns.ToHashSet().SetEquals(key.Columns)) || (!r.HoldsKey && r.Table == target && r.Target == table && r.TargetColumns.ToHashSet().SetEquals(key.Columns))));
            if (!isUsed && tracked.Contains((source, target)))
            {
                yield return new(source, table, key.Name, SchemaRelationshipKind.ForeignKey, source, target, key.Columns, key.TargetColumns, HoldsKey: true, null);
            }
        }
    }
}
