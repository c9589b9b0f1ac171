using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Outlines;

/// <summary>What depends on tables and columns, in the words of an outline.</summary>
/// <param name="graph">What depends on what.</param>
/// <param name="relationships">The relationships of the document.</param>
/// <param name="positions">Where things stand in files.</param>
internal sealed class SchemaDependents(DependencyGraph graph, IReadOnlyList<OutlineRelationship> relationships, MetadataPositions positions)
{
    private readonly ILookup<(string Source, QualifiedName Table, string Name), OutlineRelationship> _relationships = relationships.ToLookup(r => (r.Source, r.Table, r.Name));

    /// <summary>What depends on a table, or on a column of it, directly and through others; parts of the table itself are shown with its columns.</summary>
    /// <param name="source">Name of the source.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">The column; null for the table as a whole.</param>
    internal IReadOnlyList<SchemaDependent> Of(string source, QualifiedName table, string? column)
    {
        var own = ObjectId.OfTable(source, table);
        var start = column is null ? own : ObjectId.OfColumn(source, table, column);
        var steps = graph.Walk(start, dependents: true).ToList();
        var direct = graph.DependentsOf(start).ToLookup(d => d.From);
        return
        [
            .. steps.Where(s => IsShown(s.Dependency.From) && (column is null ? !IsOwn(s.Dependency.From, own) : s.Dependency.From != own || s.Depth == 1))
                .Select(s => Dependent(s, direct[s.Dependency.From])),
        ];
    }

    /// <summary>The columns of a table that something names, in the order in which they were found.</summary>
    internal IEnumerable<string> ColumnsOf(string source, QualifiedName table) => graph.ColumnsOf(ObjectId.OfTable(source, table));

    // Columns of other tables stand for what names them, and constraints and indexes for what they belong to.
    private static bool IsShown(ObjectId id) => id.Kind is not (ObjectKind.Column or ObjectKind.Constraint or ObjectKind.Index or ObjectKind.Sequence or ObjectKind.DatabaseSchema or ObjectKind.Role);

    // An event trigger runs for the table, whatever its columns are.
    private static bool IsOwn(ObjectId id, ObjectId table) => id.IsWithin(table) && id.Kind is not ObjectKind.EventTrigger;

    private SchemaDependent Dependent(DependencyStep step, IEnumerable<Dependency> direct)
    {
        var id = step.Dependency.From;
        var relationship = id.Kind == ObjectKind.Relationship ? _relationships[(id.Source, id.Table, id.Name)].FirstOrDefault() : null;
        var kind = KindOf(id, relationship);
        var parent = id.Table.Name is not null ? $"{id.Table}" : id.Kind == ObjectKind.CustomTypes ? id.Name : null;
        var uses = step.Depth == 1 ? direct.Select(Use).Distinct() : [Use(step.Dependency)];
        var through = step.Through.Where(t => IsShown(t) && t != id).Select(ObjectNames.Text).ToList();
        var position = step.Dependency.Place?.In(positions) ?? (relationship is null ? null : positions.Near(relationship.Node));
        return new SchemaDependent(kind, Name(id, kind), $"{string.Join(", ", uses)}{(through.Count == 0 ? "" : $", through {string.Join(", ", through)}")}")
        {
            Role = ObjectNames.RoleOf(id),
            Parent = parent,
            File = position?.File,
            Line = position?.Line,
        };
    }

    private static string KindOf(ObjectId id, OutlineRelationship? relationship) => id.Kind switch
    {
        ObjectKind.Permission => $"{id.Name} permission",
        ObjectKind.Relationship when relationship is not null => relationship.Kind == SchemaRelationshipKind.Object ? "object relationship" : "array relationship",
        ObjectKind.CustomTypes => "relationship of a type",
        _ => ObjectNames.Words(ObjectNames.KindOf(id)),
    };

    private static string Name(ObjectId id, string kind) => id.Kind switch
    {
        ObjectKind.Permission => $"{kind} {id.Role} of {id.Table}",
        ObjectKind.FunctionPermission => $"permission {id.Role} of the function {id.Table}",
        ObjectKind.CustomTypes => $"relationship of the type {id.Name}",
        ObjectKind.Table or ObjectKind.Function => $"{kind} {id.Table}",
        _ when id.Table.Name is not null && id.Name.Length > 0 => $"{kind} {id.Name} of {id.Table}",
        _ => $"{kind} {ObjectNames.Text(id)}",
    };

    private static string Use(Dependency dependency) => dependency.Kind switch
    {
        DependencyKind.PartOf => dependency.From.Kind == ObjectKind.EventTrigger ? "its events" : "part of it",
        DependencyKind.Relationship => dependency.From.Table == dependency.To.Table ? "its columns" : "its target",
        DependencyKind.Lists => "columns",
        DependencyKind.Includes => "all columns",
        DependencyKind.Preset => "presets",
        DependencyKind.Configuration => "names and comments of columns",
        _ => ObjectNames.Words(dependency.Kind),
    };
}
