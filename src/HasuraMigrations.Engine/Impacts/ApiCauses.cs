using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// Tells what causes a difference of GraphQL schemas: the statement that changed what a name is made of, or the change of the metadata that shows
/// or hides it. Where several meet in one table, it is the likeliest; what nobody can tell has no cause.
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

    private static readonly string[] NamingKeys = ["custom_name", "is_enum"];
    private static readonly string[] ColumnKeys = ["column_config", "custom_column_names"];
    private readonly MetadataModel _before;
    private readonly MetadataModel _after;
    private readonly ChangeTrace _trace;
    private readonly StatementCauses _statements;
    private readonly IReadOnlyList<MetadataChange> _metadata;
    private readonly HashSet<ObjectId> _broken;
    private readonly Dictionary<ObjectId, ApiCause?> _needed = [];
    private readonly ILookup<(string Source, string Parent), MetadataChange> _below;
    private readonly ILookup<(string Source, string Name), MetadataChange> _named;

    internal ApiCauses(MetadataModel before, MetadataModel after, ChangeTrace trace)
    {
        (_before, _after, _trace, _statements) = (before, after, trace, new StatementCauses(trace));
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
                found[KeyOf(change)] = cause;
            }
        }

        // The field of a role without queries is there as long as there is no other.
        if (changes.FirstOrDefault(c => c.Path == ApiSchemaBuilder.NoQueriesPath) is { } none
            && changes.Select(c => c.Path).FirstOrDefault(p => p.StartsWith("query_root.", StringComparison.Ordinal) && found.ContainsKey(p)) is { } root)
        {
            found[none.Path] = found[root];
        }

        new ApiUses(before.Schema, after.Schema).Spread(changes, found);
        return [.. changes.Select(c => found.GetValueOrDefault(KeyOf(c)) is { } cause ? With(c, cause) : c)];
    }

    // What stands at a path can change in two ways.
    private static string KeyOf(HasuraApiChange change) => change.Criterion == ApiCriterion.DescriptionChanged ? $"{change.Path} description" : change.Path;

    private static bool IsNew(ApiCriterion criterion) => criterion is ApiCriterion.TypeAdded or ApiCriterion.FieldAdded or ApiCriterion.OptionalArgumentAdded or ApiCriterion.RequiredArgumentAdded
        or ApiCriterion.OptionalInputFieldAdded or ApiCriterion.InputFieldWithDefaultAdded or ApiCriterion.RequiredInputFieldAdded or ApiCriterion.EnumValueAdded or ApiCriterion.UnionMemberAdded;

    // Where a single thing was changed, it is what changed the schema.
    private ApiCause? Only() => (_trace.Statements, _metadata) switch
    {
        ([var statement], []) => StatementCauses.Of(statement, _trace.Steps is [{ Changes: [var change] }] ? change : null),
        ([], [var change]) => Of(change),
        _ => null,
    };

    private ApiCause? Of(ApiOwner owner, IReadOnlyList<string> roles, HasuraApiChange change)
    {
        // Servers take some descriptions from elsewhere; one that somebody wrote is told for certain.
        if (change.Criterion == ApiCriterion.DescriptionChanged)
        {
            return Comment(owner, change) ?? _statements.Told(owner.Id, change);
        }

        // A role that is there by inheritance has all that it has by it.
        if (_metadata.FirstOrDefault(m => m.Kind == MetadataObjectKind.InheritedRole && m.Change != MetadataChangeKind.Changed && m.Name == roles[0]) is { } inherited)
        {
            return Of(inherited);
        }

        var hasTable = owner.Id.Kind == ObjectKind.Table;
        // A permission that lists columns shows a new one; of what is gone, the database is the cause.
        return (hasTable ? _statements.Keyed(owner.Id, change) : null)
            ?? (change.Criterion is ApiCriterion.TypeRemoved or ApiCriterion.TypeAdded or ApiCriterion.FieldRemoved or ApiCriterion.FieldAdded && owner.Member is null && IsOnBothSides(owner.Id) ? Settings(owner.Id) : null)
            ?? (IsNew(change.Criterion) && hasTable ? Names(owner) ?? Permission(owner, roles) : null)
            ?? (owner.Member is { } gone ? _statements.Gone(gone) : null)
            ?? (owner.Member is { Kind: ObjectKind.Column } ? Names(owner) : null)
            ?? _statements.Exact(owner.Member)
            ?? _statements.Exact(owner.Id)
            ?? (owner.Member is { } member ? Needed([member]) : null)
            ?? EnumOf(owner)
            ?? Entry(owner)
            ?? (IsField(owner.Member) ? Target(owner, roles) : null)
            ?? Names(owner)
            ?? (hasTable ? Permission(owner, roles) : Named(owner.Id))
            ?? Target(owner, roles)
            ?? Needed(owner, roles)
            ?? _statements.Touched(owner)
            ?? Settings(owner.Id)
            ?? _statements.Told(owner.Id, change);
    }

    // The entry of a relationship or computed field.
    private ApiCause? Entry(ApiOwner owner) => IsField(owner.Member)
        && _below[(owner.Id.Source, owner.Id.Table.ToString())].FirstOrDefault(m => m.Name == owner.Member!.Value.Name && !Permissions.ContainsValue(m.Kind)) is { } own ? Of(own) : null;

    // Whether a table is tracked, and the names that the metadata gives to it and its columns.
    private ApiCause? Names(ApiOwner owner)
    {
        var own = owner.Id.Kind == ObjectKind.Table ? _named[(owner.Id.Source, owner.Id.Table.ToString())].FirstOrDefault(m => m.Kind == MetadataObjectKind.Table) : null;
        bool IsNaming(MetadataFieldChange field)
        {
            var text = $"{field.Path} {field.Old} {field.New}";
            return ColumnKeys.Any(k => text.Contains(k, StringComparison.Ordinal)) ? owner.Member is { Kind: ObjectKind.Column } column && text.Contains(column.Name, StringComparison.Ordinal)
                : text.Contains("custom_root_fields", StringComparison.Ordinal) ? owner.IsRoot
                : owner.Member?.Kind != ObjectKind.Column && NamingKeys.Any(k => text.Contains(k, StringComparison.Ordinal));
        }

        return own is not null && (own.Change != MetadataChangeKind.Changed || own.Fields.Any(IsNaming)) ? Of(own) : null;
    }

    // The permission that shows it: one that came or went before one that was changed.
    private ApiCause? Permission(ApiOwner owner, IReadOnlyList<string> roles)
    {
        var below = _below[(owner.Id.Source, owner.Id.Table.ToString())];
        var all = owner.Operations.SelectMany(o => roles.Select(r => new ObjectId(ObjectKind.Permission, owner.Id.Source, owner.Id.Table, o, r)));
        // A column that is written is there by the permission to write it.
        int Rank(ObjectId id) => owner.Member is { Kind: ObjectKind.Column } && owner.Operations[0] != "select" && id.Name == owner.Operations[0] ? 0
            : _before.State.Cache.Objects.ContainsKey(id) == _after.State.Cache.Objects.ContainsKey(id) ? 2 : 1;
        foreach (var id in all.OrderBy(Rank))
        {
            if ((_broken.Contains(id) ? Needed([id]) : null) is { } cause)
            {
                return cause;
            }

            if (below.FirstOrDefault(m => m.Kind == Permissions[id.Name] && m.Name == id.Role) is { } changed)
            {
                return Of(changed);
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
                : !IsField(owner.Member) || owner.Member is not { } member ? null
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

    private ApiCause? Target(ApiOwner owner, IReadOnlyList<string> roles) => Targets(owner).Select(t => new ApiOwner(t, null, owner.Operations))
        .Select(t => _statements.Exact(t.Id) ?? Names(t) ?? Permission(t, roles) ?? Needed(t, roles)).FirstOrDefault(c => c is not null);

    private static bool IsField(ObjectId? member) => member is { Kind: ObjectKind.Relationship or ObjectKind.RemoteRelationship or ObjectKind.ComputedField };

    // What an object needed that is gone makes it inconsistent.
    private ApiCause? Needed(ApiOwner owner, IReadOnlyList<string> roles) => Needed(owner.Id.Kind == ObjectKind.Table
        ? owner.Operations.SelectMany(o => roles.Select(r => new ObjectId(ObjectKind.Permission, owner.Id.Source, owner.Id.Table, o, r)))
        : [owner.Id]);

    private ApiCause? Needed(IEnumerable<ObjectId> starts)
    {
        foreach (var start in starts)
        {
            // Thousands of parts of a schema are made of a few objects.
            if (!_needed.TryGetValue(start, out var cause))
            {
                // Schemas hold everything together, which is no reason.
                var needs = _before.Graph.WalkNeeds(start).Select(n => n.Edge.To).Where(t => t.Kind != ObjectKind.DatabaseSchema).ToList();
                _needed[start] = cause = needs.Select(n => _statements.Gone(n) ?? Gone(n)).FirstOrDefault(c => c is not null) ?? needs.Select(n => _statements.Exact(n)).FirstOrDefault(c => c is not null);
            }

            if (cause is not null)
            {
                return cause;
            }
        }

        return null;
    }

    // What the metadata does not have any more, or has in a form that is inconsistent.
    private ApiCause? Gone(ObjectId id)
    {
        var found = id.Kind switch
        {
            ObjectKind.Table => _named[(id.Source, id.Table.ToString())].FirstOrDefault(m => m.Kind == MetadataObjectKind.Table),
            ObjectKind.Relationship or ObjectKind.ComputedField or ObjectKind.RemoteRelationship => _below[(id.Source, id.Table.ToString())].FirstOrDefault(m => m.Name == id.Name && !Permissions.ContainsValue(m.Kind)),
            _ => null,
        };
        return found is not null && (found.Change == MetadataChangeKind.Removed || _broken.Contains(id)) ? Of(found) : null;
    }

    // Root fields take theirs from relationships, too, unless the metadata has one for them.
    private ApiCause? Comment(ApiOwner owner, HasuraApiChange change)
    {
        var word = change.Path.Contains("_root.", StringComparison.Ordinal) ? "custom_root_fields" : "comment";
        return owner.Id.Kind != ObjectKind.Table ? Named(owner.Id)
            : _named[(owner.Id.Source, owner.Id.Table.ToString())].FirstOrDefault(m => m.Kind == MetadataObjectKind.Table && m.Description.Contains(word, StringComparison.Ordinal)) is { } own ? Of(own) : null;
    }

    // Names are made of what the source says.
    private ApiCause? Settings(ObjectId id) =>
        _metadata.FirstOrDefault(m => m.Kind == MetadataObjectKind.Source && m.Name == id.Source && m.Fields.Any(f => f.Path.StartsWith("customization", StringComparison.Ordinal))) is { } source ? Of(source) : null;

    private bool IsOnBothSides(ObjectId id) => new[] { _before.State.Cache, _after.State.Cache }.All(c => id.Kind == ObjectKind.Function ? c.Functions.ContainsKey((id.Source, id.Table)) : id.Kind == ObjectKind.Table && c.FindTable(id.Source, id.Table) is not null);

    // A column has the type of an enum by the table that its key leads to.
    private ApiCause? EnumOf(ApiOwner owner)
    {
        if (owner.Member is not { Kind: ObjectKind.Column } column)
        {
            return null;
        }

        var tables = new[] { _before, _after }.Select(m => m.State.Cache.FindTable(column.Source, column.Table)?.EnumColumns.TryGetValue(column.Name, out var known) == true ? ObjectId.OfTable(column.Source, known.Table) : (ObjectId?)null).ToList();
        if (tables[0] == tables[1] || (tables[0] ?? tables[1]) is not { } table)
        {
            return null;
        }

        var there = new ApiOwner(table, null, []);
        return _statements.Exact(table) ?? Names(there) ?? _statements.Touched(there) ?? _statements.Touched(owner with { Member = null });
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
