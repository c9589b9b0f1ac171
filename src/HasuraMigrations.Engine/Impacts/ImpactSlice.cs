using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// The part of a document that a change of databases can affect: the tables of everything that depends on what changed, and whatever these
/// need. What is left out is judged in the same way before and after the change, so that large metadata need not be judged twice.
/// </summary>
internal sealed class ImpactSlice
{
    private static readonly Dictionary<string, ObjectKind> Members = new(StringComparer.Ordinal)
    {
        ["object_relationships"] = ObjectKind.Relationship,
        ["array_relationships"] = ObjectKind.Relationship,
        ["computed_fields"] = ObjectKind.ComputedField,
        ["remote_relationships"] = ObjectKind.RemoteRelationship,
        ["event_triggers"] = ObjectKind.EventTrigger,
    };

    private readonly DependencyGraph _graph;
    private readonly HashSet<(string Source, QualifiedName Name)> _whole = [];
    private readonly HashSet<ObjectId> _kept = [];

    private ImpactSlice(DependencyGraph graph) => _graph = graph;

    /// <summary>The part; null where the whole document has to be looked at.</summary>
    /// <param name="root">The document.</param>
    /// <param name="graph">What depends on what before the change.</param>
    /// <param name="changes">What changed.</param>
    internal static JsonObject? Of(JsonObject root, DependencyGraph graph, IReadOnlyCollection<CatalogChange> changes)
    {
        // A new name can be one that something else has in the API already.
        if (changes.Any(c => c.Kind is CatalogChangeKind.Renamed or CatalogChangeKind.Added && c.Before.Kind is not (ObjectKind.Column or ObjectKind.ForeignKey)))
        {
            return null;
        }

        var slice = new ImpactSlice(graph);
        slice.Find(root, changes);
        return slice.Cut(root);
    }

    private void Find(JsonObject root, IReadOnlyCollection<CatalogChange> changes)
    {
        var affected = new HashSet<ObjectId>();
        foreach (var changed in changes.SelectMany(c => new[] { c.Before, ObjectId.OfTable(c.Before.Source, c.Before.Table) }).Distinct())
        {
            affected.Add(changed);
            affected.UnionWith(_graph.Walk(changed, dependents: true).Select(s => s.Dependency.From));
        }

        foreach (var id in affected.Where(a => a.Table.Name is not null && a.Kind is not (ObjectKind.Function or ObjectKind.FunctionPermission)))
        {
            _whole.Add((id.Source, id.Table));
        }

        _kept.UnionWith(affected);
        foreach (var (source, node) in MetadataTree.SourcesOf(root))
        {
            foreach (var (name, table) in MetadataTree.TablesOf(node).Where(t => _whole.Contains((source, t.Name))))
            {
                _kept.UnionWith(MembersOf(source, name, table).Select(m => m.Id));
            }
        }

        foreach (var id in _kept.Concat(_graph.Objects.Where(o => o.Source.Length == 0)).ToList())
        {
            _kept.UnionWith(_graph.WalkNeeds(id).Select(n => n.Edge.To));
        }
    }

    private JsonObject Cut(JsonObject root)
    {
        var tables = _kept.Where(k => k.Table.Name is not null && k.Kind is not (ObjectKind.Function or ObjectKind.FunctionPermission)).Select(k => (k.Source, k.Table)).ToHashSet();
        return root["sources"] is JsonArray sources
            ? Copy(root, "sources", new JsonArray([.. sources.OfType<JsonObject>().Select(s => (JsonNode)Copy(s, "tables", Tables(s["name"].AsText() ?? "", s, tables)))]))
            : Copy(root, "tables", Tables(MetadataDocument.DefaultSource, root, tables));
    }

    private JsonArray Tables(string source, JsonObject node, HashSet<(string, QualifiedName)> tables) =>
        new([.. MetadataTree.TablesOf(node).Where(t => tables.Contains((source, t.Name))).Select(t => (JsonNode)(_whole.Contains((source, t.Name)) ? t.Node.DeepClone() : Only(source, t.Name, t.Node)))]);

    private JsonObject Only(string source, QualifiedName name, JsonObject table)
    {
        var copy = table.DeepClone().AsObject();
        foreach (var (id, entry) in MembersOf(source, name, copy).Where(m => !_kept.Contains(m.Id)).ToList())
        {
            entry.Detach();
        }

        return copy;
    }

    private static IEnumerable<(ObjectId Id, JsonObject Entry)> MembersOf(string source, QualifiedName name, JsonObject table)
    {
        foreach (var (list, kind) in Members)
        {
            foreach (var entry in table[list].AsObjects())
            {
                yield return (new ObjectId(kind, source, name, entry["name"].AsText() ?? ""), entry);
            }
        }

        foreach (var kind in PermissionRules.Kinds)
        {
            foreach (var entry in table[$"{kind}_permissions"].AsObjects())
            {
                yield return (new ObjectId(ObjectKind.Permission, source, name, kind, entry["role"].AsText() ?? ""), entry);
            }
        }
    }

    // Nothing of the large list is copied.
    private static JsonObject Copy(JsonObject owner, string key, JsonNode value)
    {
        var copy = new JsonObject();
        foreach (var (name, member) in owner)
        {
            copy[name] = name == key ? value : member?.DeepClone();
        }

        return copy;
    }
}
