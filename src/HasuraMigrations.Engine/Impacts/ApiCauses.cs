using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// Tells what causes a difference of GraphQL schemas: the statement that changed what a name is made of, or the change of the metadata that shows
/// or hides it. Where several meet in one table, it is the likeliest; what nobody can tell has no cause.
/// </summary>
internal sealed class ApiCauses
{
    private readonly MetadataModel _before;
    private readonly MetadataModel _after;
    private readonly ChangeTrace _trace;
    private readonly StatementCauses _statements;
    private readonly MetadataCauses _metadata;
    private readonly Dictionary<ObjectId, ApiCause?> _needed = [];

    internal ApiCauses(MetadataModel before, MetadataModel after, ChangeTrace trace) =>
        (_before, _after, _trace, _statements, _metadata) = (before, after, trace, new StatementCauses(trace), new MetadataCauses(before, after));

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
        var types = changes.Where(c => c.Criterion is ApiCriterion.TypeRemoved or ApiCriterion.TypeAdded).Select(c => c.Path).ToHashSet(StringComparer.Ordinal);
        var found = new Dictionary<string, ApiCause>(StringComparer.Ordinal);
        foreach (var change in changes.Where(c => !types.Contains(c.Path)))
        {
            var (schema, owners) = IsNew(change.Criterion) ? after : before;
            // What a member leads to came or went with its columns, and the member with it.
            if (owners.Of(change.Path) is { Member: null, Id.Kind: ObjectKind.Table } && IsMember(change.Criterion) && ApiUses.TypesAt(schema, change.Path).FirstOrDefault() is { } type && types.Contains(type) && !owners.IsRow(type)
                && Columns(schema, owners, type, types).Select(o => Of(o, roles, change, CatalogChangeKind.Retyped)).FirstOrDefault(c => c is not null) is { } own)
            {
                (found[KeyOf(change)], found[type]) = (own, own);
            }
        }

        foreach (var change in changes.Where(c => !found.ContainsKey(KeyOf(c))))
        {
            var ((schema, owners), other) = IsNew(change.Criterion) ? (after, before.Owners) : (before, after.Owners);
            // The table has the type on both sides: what leads to it makes the difference.
            if (change.Criterion is ApiCriterion.TypeRemoved or ApiCriterion.TypeAdded && other.HasType(change.Path))
            {
                continue;
            }

            var likeliest = ApiUses.TypesAt(before.Schema, change.Path).FirstOrDefault() == ApiUses.TypesAt(after.Schema, change.Path).FirstOrDefault() ? CatalogChangeKind.NullabilityChanged : CatalogChangeKind.Retyped;
            // A root is there for its fields.
            var paths = schema.IsRoot(change.Path) ? schema.Find(change.Path)?.Fields.Select(f => $"{change.Path}.{f.Name}") ?? [] : [change.Path];
            if (paths.Select(owners.Of).OfType<ApiOwner>().Select(o => Of(o, roles, change, likeliest)).FirstOrDefault(c => c is not null) is { } cause)
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
    private ApiCause? Only() => (_trace.Statements, _metadata.All) switch
    {
        ([var statement], []) => StatementCauses.Of(statement, _trace.Steps is [{ Changes: [var change] }] ? change : null),
        ([], [var change]) => MetadataCauses.Of(change),
        _ => null,
    };

    private static bool IsMember(ApiCriterion criterion) => criterion is ApiCriterion.FieldAdded or ApiCriterion.FieldRemoved or ApiCriterion.OptionalArgumentAdded or ApiCriterion.ArgumentRemoved
        or ApiCriterion.OptionalInputFieldAdded or ApiCriterion.InputFieldRemoved;

    // What another name of a type or field does to a schema.
    private static bool IsNamed(ApiCriterion criterion) => criterion is ApiCriterion.TypeRemoved or ApiCriterion.TypeAdded or ApiCriterion.FieldRemoved or ApiCriterion.FieldAdded
        or ApiCriterion.FieldTypeChanged or ApiCriterion.ArgumentTypeChanged;

    private static bool IsOfType(ApiCriterion criterion) => criterion is ApiCriterion.FieldTypeChanged or ApiCriterion.FieldTypeTightened or ApiCriterion.ArgumentTypeChanged or ApiCriterion.ArgumentTypeLoosened
        or ApiCriterion.InputFieldTypeChanged or ApiCriterion.InputFieldTypeLoosened;

    // The columns that a type is made of, such as the results of an aggregate; those that lead on to such a type count too.
    private static IEnumerable<ApiOwner> Columns(ApiSchema schema, ApiOwners owners, string name, IReadOnlySet<string> types)
    {
        var type = schema.Find(name)!;
        var members = type.Fields.Select(f => f.Name).Concat(type.InputFields.Select(f => f.Name)).Concat(type.EnumValues.Select(v => v.Name)).Select(m => owners.Of($"{name}.{m}")).ToList();
        return members.TrueForAll(m => m?.Member?.Kind == ObjectKind.Column)
            ? members.OfType<ApiOwner>()
            : type.InputFields.Select(f => f.Type.Name).Where(n => n != name && types.Contains(n) && schema.Find(n)?.Kind == ApiTypeKind.Enum).SelectMany(n => Columns(schema, owners, n, types));
    }

    // The kinds of changes of a column that explain a difference, the likeliest first.
    private static CatalogChangeKind[] Kinds(ApiOwner owner, HasuraApiChange change, CatalogChangeKind likeliest)
    {
        if (IsOfType(change.Criterion))
        {
            return likeliest == CatalogChangeKind.Retyped ? [CatalogChangeKind.Retyped, CatalogChangeKind.NullabilityChanged] : [CatalogChangeKind.NullabilityChanged, CatalogChangeKind.Retyped];
        }

        // What is written is there where it can be; what is read is there by its type.
        return [IsNew(change.Criterion) ? CatalogChangeKind.Added : CatalogChangeKind.Dropped, CatalogChangeKind.Renamed, owner.IsWritten ? CatalogChangeKind.WritabilityChanged : CatalogChangeKind.Retyped];
    }

    private ApiCause? Of(ApiOwner owner, IReadOnlyList<string> roles, HasuraApiChange change, CatalogChangeKind likeliest)
    {
        // Servers take some descriptions from elsewhere; one that somebody wrote is told for certain.
        if (change.Criterion == ApiCriterion.DescriptionChanged)
        {
            return _metadata.Comment(owner, change) ?? _statements.Told(owner.Id, change);
        }

        // A role that is there by inheritance has all that it has by it.
        if (_metadata.First(m => m.Kind == MetadataObjectKind.InheritedRole && m.Change != MetadataChangeKind.Changed && m.Name == roles[0]) is { } inherited)
        {
            return inherited;
        }

        var (hasTable, kinds) = (owner.Id.Kind == ObjectKind.Table, Kinds(owner, change, likeliest));
        // A permission that lists columns shows a new one; of what is gone, the database is the cause.
        return (hasTable ? _statements.Keyed(owner.Id, change) : null)
            ?? (IsNamed(change.Criterion) && owner.Member is null && IsOnBothSides(owner.Id) ? _metadata.Settings(owner.Id) : null)
            ?? (IsOfType(change.Criterion) ? _statements.OfKind(owner.Member, kinds) : null)
            ?? (IsNew(change.Criterion) && hasTable ? _metadata.Names(owner) ?? Renamed(owner, roles) ?? Permission(owner, roles) : null)
            ?? (owner.Member is { } gone ? _statements.Gone(gone) : null)
            ?? (owner.Member is { Kind: ObjectKind.Column } ? _metadata.Names(owner) : null)
            ?? _statements.OfKind(owner.Member, kinds)
            ?? _statements.Exact(owner.Member)
            ?? _statements.Exact(owner.Id)
            ?? (owner.Member is { } member ? Needed([member]) : null)
            ?? EnumOf(owner)
            ?? (IsField(owner.Member) ? _metadata.Entry(owner.Member!.Value) ?? Target(owner, roles, change) : null)
            ?? _metadata.Names(owner)
            ?? (hasTable ? Permission(owner, roles) : _metadata.Named(owner.Id))
            ?? Target(owner, roles, change)
            ?? Needed(owner, roles)
            ?? _statements.Touched(owner)
            ?? _metadata.Settings(owner.Id)
            ?? _statements.Told(owner.Id, change);
    }

    private static IEnumerable<ObjectId> PermissionsOf(ApiOwner owner, IReadOnlyList<string> roles) =>
        owner.Operations.SelectMany(o => roles.Select(r => new ObjectId(ObjectKind.Permission, owner.Id.Source, owner.Id.Table, o, r)));

    private bool CameOrWent(ObjectId id) => _before.State.Cache.Objects.ContainsKey(id) != _after.State.Cache.Objects.ContainsKey(id);

    // The permission that shows it: one that came or went before one that was changed.
    private ApiCause? Permission(ApiOwner owner, IReadOnlyList<string> roles)
    {
        // A column that is written is there by the permission to write it.
        int Rank(ObjectId id) => owner.Member is { Kind: ObjectKind.Column } && owner.IsWritten && id.Name == owner.Operations[0] ? 0 : CameOrWent(id) ? 1 : 2;
        return PermissionsOf(owner, roles).OrderBy(Rank).Select(Permission).FirstOrDefault(c => c is not null);
    }

    private ApiCause? Permission(ObjectId id) =>
        _metadata.Broken(id) ?? (_metadata.IsBroken(id) ? Needed([id]) : null) ?? (_metadata.Permission(id) is { } changed ? MetadataCauses.Of(changed) : null);

    // A column that had another name before: permissions follow it, and those that showed it go on showing it.
    private ApiCause? Renamed(ApiOwner owner, IReadOnlyList<string> roles) =>
        _statements.RenamedFrom(owner.Member) is var (old, cause) && (roles.Contains(RolePermissions.Admin) || PermissionsOf(owner with { Operations = [.. owner.Operations.Take(1)] }, roles).Any(p => Shows(p, old))) ? cause : null;

    private bool Shows(ObjectId permission, ObjectId column) => _before.State.Cache.FindTable(column.Source, column.Table)?.Permissions
        .Where(p => p.Kind == permission.Name && p.Role == permission.Role).Select(p => p.Text.ToTree().Get("columns")).Any(c => c is not JsonArray list || list.AsTexts().Contains(column.Name)) == true;

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

    // Of a permission that is there on both sides, only its aggregates make a difference for others.
    private ApiCause? Target(ApiOwner owner, IReadOnlyList<string> roles, HasuraApiChange change)
    {
        var withChanged = !IsField(owner.Member) || change.Path.Contains("ggregate", StringComparison.Ordinal);
        return Targets(owner).Select(t => new ApiOwner(t, null, owner.Operations)).Select(t => _statements.Exact(t.Id) ?? _metadata.Names(t)
            ?? PermissionsOf(t, roles).OrderBy(p => CameOrWent(p) ? 0 : 1).Where(p => withChanged || CameOrWent(p)).Select(Permission).FirstOrDefault(c => c is not null)
            ?? Needed(t, roles)).FirstOrDefault(c => c is not null);
    }

    private static bool IsField(ObjectId? member) => member is { Kind: ObjectKind.Relationship or ObjectKind.RemoteRelationship or ObjectKind.ComputedField };

    // What an object needed that is gone makes it inconsistent.
    private ApiCause? Needed(ApiOwner owner, IReadOnlyList<string> roles) => Needed(owner.Id.Kind == ObjectKind.Table ? PermissionsOf(owner, roles) : [owner.Id]);

    private bool IsOnBothSides(ObjectId id) => new[] { _before.State.Cache, _after.State.Cache }.All(c => id.Kind == ObjectKind.Function ? c.Functions.ContainsKey((id.Source, id.Table)) : id.Kind == ObjectKind.Table && c.FindTable(id.Source, id.Table) is not null);

    private ApiCause? Needed(IEnumerable<ObjectId> starts)
    {
        foreach (var start in starts)
        {
            // Thousands of parts of a schema are made of a few objects.
            if (!_needed.TryGetValue(start, out var cause))
            {
                // Schemas hold everything together, which is no reason.
                var needs = _before.Graph.WalkNeeds(start).Select(n => n.Edge.To).Where(t => t.Kind != ObjectKind.DatabaseSchema).ToList();
                _needed[start] = cause = needs.Select(n => _statements.Gone(n) ?? _metadata.Gone(n)).FirstOrDefault(c => c is not null) ?? needs.Select(n => _statements.Exact(n)).FirstOrDefault(c => c is not null);
            }

            if (cause is not null)
            {
                return cause;
            }
        }

        return null;
    }

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
        return _statements.Exact(table) ?? _metadata.Names(there) ?? _statements.Touched(there) ?? _statements.Touched(owner with { Member = null });
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
