using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>An object that depends on another one.</summary>
/// <param name="From">The object.</param>
/// <param name="To">What it depends on.</param>
/// <param name="Kind">How.</param>
/// <param name="Place">Where metadata says so; null for what the database knows.</param>
internal sealed record Dependency(ObjectId From, ObjectId To, DependencyKind Kind, NamePlace? Place);

/// <summary>A step of a walk through the graph.</summary>
/// <param name="Dependency">The edge that leads there.</param>
/// <param name="Depth">How many edges away it is, from 1.</param>
/// <param name="Through">The objects between, the nearest to the beginning first.</param>
internal sealed record DependencyStep(Dependency Dependency, int Depth, IReadOnlyList<ObjectId> Through);

/// <summary>What depends on what: the objects of metadata, and those of their databases. Things and metadata of one name are one object.</summary>
internal sealed class DependencyGraph
{
    private readonly Dictionary<ObjectId, List<Dependency>> _from = [];
    private readonly Dictionary<ObjectId, List<Dependency>> _to = [];
    private readonly Dictionary<ObjectId, List<ObjectId>> _parts = [];
    private readonly HashSet<ObjectId> _objects = [];

    private DependencyGraph()
    {
    }

    /// <summary>Every object of it.</summary>
    internal IReadOnlyCollection<ObjectId> Objects => _objects;

    /// <summary>Builds the graph.</summary>
    /// <param name="root">The document whose places the edges name.</param>
    /// <param name="state">The same document beside its databases.</param>
    /// <param name="links">What needs what in the databases, by source.</param>
    /// <param name="leads">Where relationships lead by the document alone.</param>
    /// <param name="queries">What stored queries use.</param>
    internal static DependencyGraph Build(JsonObject root, MetadataState state, IReadOnlyDictionary<string, IReadOnlyList<CatalogLink>> links, RelationshipTargets leads, IEnumerable<Dependency> queries)
    {
        var graph = new DependencyGraph();
        foreach (var (source, facts) in state.Facts)
        {
            graph.AddCatalog(source, facts.Catalog);
        }

        foreach (var (source, list) in links)
        {
            foreach (var link in list)
            {
                graph.Add(new Dependency(Of(source, link.From), Of(source, link.To), KindOf(link.Kind), null));
            }
        }

        foreach (var id in state.Cache.Objects.Keys)
        {
            graph.AddObject(id);
        }

        foreach (var reference in ReferenceReader.Read(root, state.Cache, leads))
        {
            graph.Add(new Dependency(reference.Owner, reference.Target, reference.Kind, reference.Place));
        }

        foreach (var use in queries)
        {
            graph.Add(use);
        }

        // The table behind a foreign key, where the database does not tell it.
        foreach (var (source, node) in MetadataTree.SourcesOf(root).Where(s => state.Cache.Skipped.Contains(s.Name)))
        {
            foreach (var (table, name) in MetadataTree.TablesOf(node).SelectMany(t => t.Node["object_relationships"].AsObjects().Select(r => (t.Name, r["name"].AsText()))))
            {
                if (leads(source, table, name ?? "", out var target) && target is { } known)
                {
                    graph.Add(new Dependency(new ObjectId(ObjectKind.Relationship, source, table, name!), ObjectId.OfTable(source, known), DependencyKind.Relationship, null));
                }
            }
        }

        // What a server needs and metadata does not name: the key of a relationship, and the table it leads to.
        foreach (var (item, needs) in state.Cache.Objects.Values)
        {
            var known = (graph._from.GetValueOrDefault(item.Id) ?? []).Select(d => d.To).ToHashSet();
            foreach (var need in needs.Where(n => !known.Contains(n.Target) && n.Target != OwnerOf(item.Id)))
            {
                graph.Add(new Dependency(item.Id, need.Target, KindOf(item.Id.Kind), null));
            }
        }

        return graph;
    }

    /// <summary>The columns of a table, as far as they are known or named.</summary>
    internal IEnumerable<string> ColumnsOf(ObjectId table) => PartsOf(table).Where(p => p.Kind == ObjectKind.Column).Select(p => p.Name);

    /// <summary>What depends on an object. A table or a schema stands for all that belongs to it.</summary>
    internal IEnumerable<Dependency> DependentsOf(ObjectId target)
    {
        var parts = PartsOf(target).ToList();
        var isMember = parts.Append(target).ToHashSet();
        var own = parts.Where(p => p.Kind != ObjectKind.Column && (target.Kind != ObjectKind.DatabaseSchema || OwnerOf(p) == target)).Select(p => new Dependency(p, target, DependencyKind.PartOf, null));
        return own.Concat(parts.Prepend(target).SelectMany(p => _to.GetValueOrDefault(p) ?? []).Where(d => !isMember.Contains(d.From))).DistinctBy(d => (d.From, d.Kind, d.To));
    }

    /// <summary>What an object depends on.</summary>
    internal IEnumerable<Dependency> DependenciesOf(ObjectId from)
    {
        var parts = PartsOf(from).ToList();
        var isMember = parts.Append(from).ToHashSet();
        IEnumerable<Dependency> owner = OwnerOf(from) is { } table ? [new Dependency(from, table, DependencyKind.PartOf, null)] : [];
        return owner.Concat(parts.Prepend(from).SelectMany(p => _from.GetValueOrDefault(p) ?? []).Where(d => !isMember.Contains(d.To))).DistinctBy(d => (d.From, d.Kind, d.To));
    }

    /// <summary>All that depends on an object, or that it depends on, over any number of edges; the nearest first, each object once.</summary>
    internal IEnumerable<DependencyStep> Walk(ObjectId start, bool dependents)
    {
        var seen = new HashSet<ObjectId> { start };
        var waiting = new Queue<(ObjectId At, ObjectId[] Through)>([(start, [])]);
        while (waiting.TryDequeue(out var next))
        {
            foreach (var one in dependents ? DependentsOf(next.At) : DependenciesOf(next.At))
            {
                var far = dependents ? one.From : one.To;
                if (seen.Add(far))
                {
                    yield return new DependencyStep(one, next.Through.Length + 1, next.Through);
                    waiting.Enqueue((far, [.. next.Through, far]));
                }
            }
        }
    }

    /// <summary>The dependencies that lead from an object to what it needs, over any number of edges, the nearest first; each with the first edge of its way.</summary>
    /// <param name="start">The object.</param>
    /// <param name="ofDatabase">Only dependencies that metadata does not name.</param>
    internal IEnumerable<(Dependency Edge, Dependency First)> WalkNeeds(ObjectId start, bool ofDatabase = false)
    {
        var seen = new HashSet<ObjectId> { start };
        var waiting = new Queue<(ObjectId At, Dependency? First)>([(start, null)]);
        while (waiting.TryDequeue(out var next))
        {
            IEnumerable<Dependency> owner = OwnerOf(next.At) is { } table ? [new Dependency(next.At, table, DependencyKind.PartOf, null)] : [];
            foreach (var edge in (_from.GetValueOrDefault(next.At) ?? []).Concat(owner).Where(e => !(ofDatabase && e.Place is not null) && seen.Add(e.To)))
            {
                yield return (edge, next.First ?? edge);
                waiting.Enqueue((edge.To, next.First ?? edge));
            }
        }
    }

    private IEnumerable<ObjectId> PartsOf(ObjectId owner) => owner.Kind switch
    {
        ObjectKind.Table => _parts.GetValueOrDefault(owner) ?? [],
        ObjectKind.DatabaseSchema => _objects.Where(o => o.Source == owner.Source && o.Table.Schema == owner.Name && o.Kind != ObjectKind.DatabaseSchema),
        _ => [],
    };

    private static ObjectId? OwnerOf(ObjectId id)
    {
        var table = ObjectId.OfTable(id.Source, id.Table);
        return id.Kind switch
        {
            ObjectKind.Table or ObjectKind.DatabaseType or ObjectKind.Sequence or ObjectKind.Function => id.Table.Name is null ? null : new ObjectId(ObjectKind.DatabaseSchema, id.Source, default, id.Table.Schema),
            ObjectKind.FunctionPermission => ObjectId.OfFunction(id.Source, id.Table),
            _ => id.Table.Name is not null && id.IsWithin(table) && id != table ? table : null,
        };
    }

    private void AddCatalog(string source, DatabaseCatalog? catalog)
    {
        foreach (var table in catalog?.Tables ?? [])
        {
            var id = ObjectId.OfTable(source, new QualifiedName(table.Name.Schema, table.Name.Name));
            AddObject(id);
            foreach (var column in table.Columns)
            {
                AddObject(id with { Kind = ObjectKind.Column, Name = column.Name });
            }
        }

        foreach (var function in catalog?.Facts.Functions ?? [])
        {
            AddObject(ObjectId.OfFunction(source, new QualifiedName(function.Name.Schema, function.Name.Name)));
        }
    }

    private void AddObject(ObjectId id)
    {
        if (!_objects.Add(id))
        {
            return;
        }

        if (OwnerOf(id) is { } owner)
        {
            if (owner.Kind == ObjectKind.Table)
            {
                ListOf(_parts, owner).Add(id);
            }

            AddObject(owner);
        }

        // What is wrong with one of the custom types is wrong with all (Hasura, custom types).
        if (id.Kind == ObjectKind.CustomTypes && id.Name.Length > 0)
        {
            Add(new Dependency(id with { Name = "" }, id, DependencyKind.Uses, null));
        }

        if (id.Kind == ObjectKind.Action)
        {
            Add(new Dependency(id, ObjectId.OfGlobal(ObjectKind.CustomTypes, ""), DependencyKind.Uses, null));
        }

        if (id.Role.Length > 0 && id.Kind is ObjectKind.Permission or ObjectKind.FunctionPermission or ObjectKind.ActionPermission or ObjectKind.RemoteSchemaPermission)
        {
            Add(new Dependency(id, ObjectId.OfGlobal(ObjectKind.Role, id.Role), DependencyKind.Role, null));
        }
    }

    private void Add(Dependency dependency)
    {
        AddObject(dependency.From);
        AddObject(dependency.To);
        ListOf(_from, dependency.From).Add(dependency);
        ListOf(_to, dependency.To).Add(dependency);
    }

    private static List<T> ListOf<T>(Dictionary<ObjectId, List<T>> lists, ObjectId id) =>
        lists.TryGetValue(id, out var known) ? known : lists[id] = [];

    private static ObjectId Of(string source, CatalogObject thing) => thing.Kind == CatalogObjectKind.Schema
        ? new ObjectId(ObjectKind.DatabaseSchema, source, default, thing.Owner.Name)
        : new ObjectId(KindOf(thing.Kind), source, new QualifiedName(thing.Owner.Schema, thing.Owner.Name), thing.Name);

    private static ObjectKind KindOf(CatalogObjectKind kind) => kind switch
    {
        CatalogObjectKind.Schema => ObjectKind.DatabaseSchema,
        CatalogObjectKind.Table => ObjectKind.Table,
        CatalogObjectKind.Column => ObjectKind.Column,
        CatalogObjectKind.Function => ObjectKind.Function,
        CatalogObjectKind.Type => ObjectKind.DatabaseType,
        CatalogObjectKind.Constraint => ObjectKind.Constraint,
        CatalogObjectKind.ForeignKey => ObjectKind.ForeignKey,
        CatalogObjectKind.Index => ObjectKind.Index,
        CatalogObjectKind.Trigger => ObjectKind.Trigger,
        CatalogObjectKind.Policy => ObjectKind.Policy,
        _ => ObjectKind.Sequence,
    };

    private static DependencyKind KindOf(ObjectKind owner) => owner switch
    {
        ObjectKind.Relationship or ObjectKind.RemoteRelationship => DependencyKind.Relationship,
        ObjectKind.Function => DependencyKind.Returns,
        ObjectKind.FunctionPermission => DependencyKind.Role,
        _ => DependencyKind.Uses,
    };

    private static DependencyKind KindOf(CatalogLinkKind kind) => kind switch
    {
        CatalogLinkKind.View => DependencyKind.View,
        CatalogLinkKind.ForeignKey => DependencyKind.ForeignKey,
        CatalogLinkKind.Constraint => DependencyKind.Constraint,
        CatalogLinkKind.Type => DependencyKind.Type,
        CatalogLinkKind.Default => DependencyKind.Default,
        CatalogLinkKind.Calls => DependencyKind.Calls,
        CatalogLinkKind.Returns => DependencyKind.Returns,
        _ => DependencyKind.Uses,
    };
}
