using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// Tells what causes a difference of GraphQL schemas: the statement that changed what a name is made of, or the change of the metadata that shows
/// or hides it. What nobody can tell for certain has no cause.
/// </summary>
internal sealed class ApiCauses
{
    private static readonly Dictionary<string, MetadataObjectKind> Permissions = new(StringComparer.Ordinal)
    {
        ["select"] = MetadataObjectKind.SelectPermission,
        ["insert"] = MetadataObjectKind.InsertPermission,
        ["update"] = MetadataObjectKind.UpdatePermission,
        ["delete"] = MetadataObjectKind.DeletePermission,
    };

    private static readonly string[] Comments = ["COMMENT"];
    private static readonly string[] Writes = ["INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "TRUNCATE", "WITH"];

    private readonly MetadataModel _before;
    private readonly MetadataModel _after;
    private readonly ChangeTrace _trace;
    private readonly IReadOnlyList<MetadataChange> _metadata;
    private readonly HashSet<ObjectId> _broken;
    private readonly ILookup<(string Source, string Parent), MetadataChange> _below;
    private readonly ILookup<(string Source, string Name), MetadataChange> _named;

    internal ApiCauses(MetadataModel before, MetadataModel after, ChangeTrace trace)
    {
        (_before, _after, _trace) = (before, after, trace);
        _metadata = ReferenceEquals(before.Document, after.Document) ? [] : MetadataComparer.Compare(before.Document, after.Document);
        _broken = [.. after.State.Cache.NewSince(before.State.Cache).Select(i => i.Id)];
        _below = _metadata.Where(m => m.Parent is not null).ToLookup(m => (SourceOf(m), m.Parent!));
        _named = _metadata.Where(m => m.Parent is null).ToLookup(m => (SourceOf(m), m.Name));
    }

    /// <summary>The changes of a role, each with its cause where it is known.</summary>
    /// <param name="role">The role.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="before">The old schema and what its names are made of.</param>
    /// <param name="after">The new one.</param>
    internal IReadOnlyList<HasuraApiChange> Explain(string role, IReadOnlyList<HasuraApiChange> changes, (ApiSchema Schema, ApiOwners Owners) before, (ApiSchema Schema, ApiOwners Owners) after)
    {
        if (changes.Count == 0)
        {
            return changes;
        }

        if (Only() is { } only)
        {
            return [.. changes.Select(c => With(c, only))];
        }

        var roles = Roles(role);
        var found = new Dictionary<string, ApiCause>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            var ((schema, owners), other) = IsNew(change.Criterion) ? (after, before.Owners) : (before, after.Owners);
            // The table has the type on both sides: what leads to it makes the difference.
            if (change.Criterion is ApiCriterion.TypeAdded or ApiCriterion.TypeRemoved && other.HasType(change.Path))
            {
                continue;
            }

            // A root is there for its fields.
            var paths = schema.IsRoot(change.Path) ? schema.Find(change.Path)?.Fields.Select(f => $"{change.Path}.{f.Name}") ?? [] : [change.Path];
            if (paths.Select(owners.Of).OfType<ApiOwner>().Select(o => Of(o, roles, change)).FirstOrDefault(c => c is not null) is { } cause)
            {
                found[change.Path] = cause;
            }
        }

        // The field of a role without queries is there as long as there is no other.
        if (changes.FirstOrDefault(c => c.Path == ApiSchemaBuilder.NoQueriesPath) is { } none
            && changes.Select(c => c.Path).FirstOrDefault(p => p.StartsWith("query_root.", StringComparison.Ordinal) && found.ContainsKey(p)) is { } root)
        {
            found[none.Path] = found[root];
        }

        new ApiUses(before.Schema, after.Schema).Spread(changes, found);
        return [.. changes.Select(c => found.GetValueOrDefault(c.Path) is { } cause ? With(c, cause) : c)];
    }

    private static bool IsNew(ApiCriterion criterion) => criterion is ApiCriterion.TypeAdded or ApiCriterion.FieldAdded or ApiCriterion.OptionalArgumentAdded or ApiCriterion.RequiredArgumentAdded
        or ApiCriterion.OptionalInputFieldAdded or ApiCriterion.InputFieldWithDefaultAdded or ApiCriterion.RequiredInputFieldAdded or ApiCriterion.EnumValueAdded or ApiCriterion.UnionMemberAdded;

    // Where a single thing was changed, it is what changed the schema.
    private ApiCause? Only() => (_trace.Statements, _metadata) switch
    {
        ([var statement], []) => Of(statement, _trace.Steps is [{ Changes: [var change] }] ? change : null),
        ([], [var change]) => Of(change),
        _ => null,
    };

    private ApiCause? Of(ApiOwner owner, IReadOnlyList<string> roles, HasuraApiChange change)
    {
        var isNew = IsNew(change.Criterion);
        var hasTable = owner.Id.Kind == ObjectKind.Table;
        // Servers take some descriptions from elsewhere; one that somebody wrote is told for certain.
        if (change.Criterion == ApiCriterion.DescriptionChanged)
        {
            return Comment(owner) ?? Told(owner.Id, change);
        }

        // A permission that lists columns shows a new one; of what is gone, the database is the cause.
        return (hasTable ? Keyed(owner.Id, change) : null)
            ?? (isNew && hasTable ? Permission(owner.Id, owner, roles) : null)
            ?? Exact(owner.Member)
            ?? Exact(owner.Id)
            ?? (owner.Member is { } member ? Needed([member]) : null)
            ?? Entry(owner)
            ?? (hasTable ? Permission(owner.Id, owner, roles) : Named(owner.Id))
            ?? Targets(owner).Select(t => Of(t, owner.Operations, roles)).FirstOrDefault(c => c is not null)
            ?? Needed(owner, roles)
            ?? Touched(owner, change)
            ?? Settings(owner.Id)
            ?? Told(owner.Id, change);
    }

    // A row is found by the primary key.
    private ApiCause? Keyed(ObjectId table, HasuraApiChange change)
    {
        var step = change.Criterion is ApiCriterion.FieldRemoved && change.Path.EndsWith("by_pk", StringComparison.OrdinalIgnoreCase)
            ? _trace.Steps.FirstOrDefault(s => s.Changes.Any(c => c.Kind == CatalogChangeKind.Dropped && c.Before.Kind == ObjectKind.Constraint && c.Before.IsWithin(table)))
            : null;
        return step is null ? null : Of(step.Statement, step.Changes.First(c => c.Before.Kind == ObjectKind.Constraint && c.Before.IsWithin(table)));
    }

    // What became of the thing itself.
    private ApiCause? Exact(ObjectId? id)
    {
        if (id is { } known)
        {
            for (var i = _trace.Steps.Count - 1; i >= 0; i--)
            {
                if (_trace.Steps[i].Changes.FirstOrDefault(c => c.Before == known || c.After == known) is { } change)
                {
                    return Of(_trace.Steps[i].Statement, change);
                }
            }
        }

        return null;
    }

    // The entry of a relationship or computed field, and the names that the metadata gives to a table and its columns.
    private ApiCause? Entry(ApiOwner owner)
    {
        if (owner.Id.Kind != ObjectKind.Table)
        {
            return null;
        }

        var below = _below[(owner.Id.Source, owner.Id.Table.ToString())];
        var own = owner.Member is { Kind: ObjectKind.Relationship or ObjectKind.RemoteRelationship or ObjectKind.ComputedField } member ? below.FirstOrDefault(m => m.Name == member.Name) : null;
        own ??= _named[(owner.Id.Source, owner.Id.Table.ToString())].FirstOrDefault(m => m.Kind == MetadataObjectKind.Table);
        return own is null ? null : Of(own);
    }

    // The permission that shows it: what made it inconsistent, or how it was changed.
    private ApiCause? Permission(ObjectId table, ApiOwner owner, IReadOnlyList<string> roles)
    {
        var below = _below[(table.Source, table.Table.ToString())];
        foreach (var operation in owner.Operations)
        {
            foreach (var role in roles)
            {
                var id = new ObjectId(ObjectKind.Permission, table.Source, table.Table, operation, role);
                var changed = below.FirstOrDefault(m => m.Kind == Permissions[operation] && m.Name == role);
                if ((_broken.Contains(id) ? Needed([id]) : null) is { } cause)
                {
                    return cause;
                }

                if (changed is not null)
                {
                    return Of(changed);
                }
            }
        }

        return null;
    }

    private ApiCause? Named(ObjectId id)
    {
        var found = id.Kind == ObjectKind.Function
            ? _named[(id.Source, id.Table.ToString())].Concat(_below[(id.Source, id.Table.ToString())]).FirstOrDefault(m => m.Kind is MetadataObjectKind.Function or MetadataObjectKind.FunctionPermission)
            : _metadata.FirstOrDefault(m => (m.Name == id.Name || m.Parent == id.Name) && m.Kind is not (MetadataObjectKind.Table or MetadataObjectKind.Function) && m.Parent?.Contains('.', StringComparison.Ordinal) != true);
        return found is null ? null : Of(found);
    }

    // A field that leads to a table, and a function that returns rows of it, are there for whoever may select there.
    private IEnumerable<ObjectId> Targets(ApiOwner owner)
    {
        foreach (var cache in new[] { _before.State.Cache, _after.State.Cache })
        {
            var target = owner.Id.Kind == ObjectKind.Function
                ? cache.Functions.GetValueOrDefault((owner.Id.Source, owner.Id.Table))
                : owner.Member is not { Kind: ObjectKind.Relationship or ObjectKind.RemoteRelationship or ObjectKind.ComputedField } member ? null
                : cache.FindTable(member.Source, member.Table)?.Fields.GetValueOrDefault(member.Name) switch
                {
                    RelationshipField relationship => relationship.Target,
                    ComputedFieldInfo computed => computed.Table,
                    _ => null,
                };
            if (target is { } table)
            {
                yield return ObjectId.OfTable(owner.Id.Source, table);
            }
        }
    }

    private ApiCause? Of(ObjectId table, IReadOnlyList<string> operations, IReadOnlyList<string> roles)
    {
        var owner = new ApiOwner(table, null, operations);
        return Exact(table) ?? Permission(table, owner, roles) ?? Entry(owner) ?? Needed(owner, roles);
    }

    // What an object needed that is gone makes it inconsistent.
    private ApiCause? Needed(ApiOwner owner, IReadOnlyList<string> roles) => Needed(owner.Id.Kind == ObjectKind.Table
        ? owner.Operations.SelectMany(o => roles.Select(r => new ObjectId(ObjectKind.Permission, owner.Id.Source, owner.Id.Table, o, r)))
        : [owner.Id]);

    private ApiCause? Needed(IEnumerable<ObjectId> starts)
    {
        foreach (var start in starts)
        {
            foreach (var (edge, _) in _before.Graph.WalkNeeds(start))
            {
                // Schemas hold everything together, which is no reason.
                if (edge.To.Kind != ObjectKind.DatabaseSchema && (Exact(edge.To) ?? Gone(edge.To)) is { } cause)
                {
                    return cause;
                }
            }
        }

        return null;
    }

    // What the metadata does not have any more.
    private ApiCause? Gone(ObjectId id)
    {
        var found = id.Kind switch
        {
            ObjectKind.Table => _named[(id.Source, id.Table.ToString())].FirstOrDefault(m => m.Kind == MetadataObjectKind.Table),
            ObjectKind.Relationship or ObjectKind.ComputedField or ObjectKind.RemoteRelationship => _below[(id.Source, id.Table.ToString())].FirstOrDefault(m => m.Name == id.Name && !Permissions.ContainsValue(m.Kind)),
            _ => null,
        };
        return found?.Change == MetadataChangeKind.Removed ? Of(found) : null;
    }

    private ApiCause? Comment(ApiOwner owner) => owner.Id.Kind != ObjectKind.Table ? Named(owner.Id)
        : _named[(owner.Id.Source, owner.Id.Table.ToString())].FirstOrDefault(m => m.Kind == MetadataObjectKind.Table && m.Description.Contains("comment", StringComparison.Ordinal)) is { } own ? Of(own) : null;

    // Keys, and what can be written to a view, are parts of a table without a name in the API.
    private ApiCause? Touched(ApiOwner owner, HasuraApiChange change)
    {
        if (owner.Id.Kind != ObjectKind.Table)
        {
            return null;
        }

        var steps = _trace.Steps.Where(s => s.Source == owner.Id.Source && s.Touches(owner.Id)).ToList();
        if (steps.Count > 1)
        {
            // Whatever else was done to the table: rows are found, and conflicts named, by keys.
            var keys = change.Path.Contains("by_pk", StringComparison.Ordinal) || change.Path.Contains("ByPk", StringComparison.Ordinal) || change.Path.Contains("onflict", StringComparison.Ordinal) || change.Path.Contains("onstraint", StringComparison.Ordinal);
            steps = keys ? [.. steps.Where(s => s.TouchesKeys(owner.Id))] : [];
        }

        return steps is [var only] ? Of(only.Statement, only.Changes.FirstOrDefault(c => c.Before.IsWithin(owner.Id))) : null;
    }

    // Names are made of what the source says, and roles of their parents.
    private ApiCause? Settings(ObjectId id) =>
        _metadata.FirstOrDefault(m => m.Kind == MetadataObjectKind.Source && m.Name == id.Source) is { } source ? Of(source) : null;

    // Comments and rows are in no catalog of tables: the one statement of such a kind that names the table.
    private ApiCause? Told(ObjectId id, HasuraApiChange change)
    {
        if (id.Table.Name is not { } name || change.Criterion is not (ApiCriterion.DescriptionChanged or ApiCriterion.EnumValueAdded or ApiCriterion.EnumValueRemoved))
        {
            return null;
        }

        var words = change.Criterion == ApiCriterion.DescriptionChanged ? Comments : Writes;
        var named = new Regex($@"(?<![\w$]){Regex.Escape(name)}(?![\w$])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        var found = _trace.Statements.Where(s => words.Any(w => s.Sql.StartsWith(w, StringComparison.OrdinalIgnoreCase)) && named.IsMatch(s.Sql)).Take(2).ToList();
        return found is [var only] ? Of(only, null) : null;
    }

    private List<string> Roles(string role)
    {
        var all = new List<string> { role };
        for (var i = 0; i < all.Count; i++)
        {
            foreach (var parents in new[] { _before, _after }.Select(m => m.State.Cache.InheritedRoles.GetValueOrDefault(all[i]) ?? []))
            {
                all.AddRange(parents.Where(p => !all.Contains(p)));
            }
        }

        return all;
    }

    private static string SourceOf(MetadataChange change) => change.Source ?? MetadataDocument.DefaultSource;

    private static ApiCause Of(MetadataChange change) => new(change.Description, null, change.File, change.Line);

    private static ApiCause Of(ChangeStatement statement, CatalogChange? change) =>
        new(change is null ? statement.Short : $"the {ObjectNames.Describe(change.Before)} {change.Sentence}", statement, null, null);

    private static HasuraApiChange With(HasuraApiChange change, ApiCause cause) => change with
    {
        Cause = cause.Text,
        File = cause.File,
        Line = cause.Line,
        Statement = cause.Statement?.Short,
        StatementFile = cause.Statement?.File,
        StatementLine = cause.Statement?.Line,
        Version = cause.Statement?.Version,
    };
}

/// <summary>The cause of a difference.</summary>
/// <param name="Text">What it is, as a sentence.</param>
/// <param name="Statement">The statement; null for a change of the metadata.</param>
/// <param name="File">The file of the metadata; null where none is known.</param>
/// <param name="Line">The line in it.</param>
internal sealed record ApiCause(string Text, ChangeStatement? Statement, string? File, int? Line);
