using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>What a name of a schema is made of.</summary>
/// <param name="Id">The table, function, action or custom type.</param>
/// <param name="Member">The column, the field that leads elsewhere, or the key; null for the object as a whole.</param>
/// <param name="Operations">The kinds of permissions that show it, the likeliest first.</param>
internal sealed record ApiOwner(ObjectId Id, ObjectId? Member, IReadOnlyList<string> Operations)
{
    /// <summary>The key in the metadata of the root field of a table that it is, or is an argument of; null for anything else.</summary>
    internal string? Root { get; init; }

    /// <summary>It is there to be written.</summary>
    internal bool IsWritten => Operations.Count > 0 && Operations[0] != "select";
}

/// <summary>Finds the objects of metadata and databases that the names in the schema of a role are made of.</summary>
internal sealed class ApiOwners
{
    private static readonly string[] Reads = ["select", "select_by_pk", "select_aggregate", "select_stream"];
    private static readonly string[] Roots = ["insert", "insert_one", "update", "update_by_pk", "update_many", "delete", "delete_by_pk"];

    private readonly Dictionary<string, (ApiTable Table, string[] Operations)> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly HashSet<string> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ObjectId> _others = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ObjectId Id, string[] Operations, ApiTable? Table, string? Key)> _roots = new(StringComparer.Ordinal);

    internal ApiOwners(ApiModel model, string role)
    {
        foreach (var view in RoleRights.Of(model, [role])[0].Views.OfType<TableView>())
        {
            Add(view);
        }

        foreach (var function in model.Functions)
        {
            var id = ObjectId.OfFunction(function.Table.Source.Name, function.Name);
            _roots.TryAdd(function.Field(true).Name, (id, ["select"], function.Table, null));
            _roots.TryAdd(function.Aggregate(true).Name, (id, ["select"], function.Table, null));
        }

        foreach (var query in model.Queries)
        {
            var id = new ObjectId(ObjectKind.NativeQuery, query.Model.Source.Name, default, query.Name);
            _roots.TryAdd(query.Name, (id, [], null, null));
            _others.TryAdd(query.RowName, id);
        }

        foreach (var action in model.Root["actions"].AsObjects().Select(a => a["name"].AsText() ?? ""))
        {
            _roots.TryAdd(action, (ObjectId.OfGlobal(ObjectKind.Action, action), [], null, null));
            _others.TryAdd(action, ObjectId.OfGlobal(ObjectKind.Action, action));
        }

        foreach (var list in new[] { "objects", "input_objects", "scalars", "enums" })
        {
            foreach (var type in model.Root["custom_types"].Get(list).AsObjects().Select(t => t["name"].AsText() ?? ""))
            {
                _others.TryAdd(type, ObjectId.OfGlobal(ObjectKind.CustomTypes, type));
            }
        }
    }

    /// <summary>What a path is made of; null where it is a thing of the server, or of a remote schema.</summary>
    /// <param name="path">A path such as <c>article.title</c>.</param>
    internal ApiOwner? Of(string path)
    {
        var (type, member, argument) = Split(path);
        if (_types.TryGetValue(type, out var known))
        {
            // The filter is there for whoever may do anything, and what it filters by for whoever may read it.
            return new ApiOwner(IdOf(known.Table), MemberOf(known.Table, member), member is not null && type == known.Table.Names.Filter ? ["select"] : known.Operations);
        }

        if (_others.TryGetValue(type, out var other))
        {
            return new ApiOwner(other, null, []);
        }

        // Roots, and what stands for them in a namespace, have members of many.
        return member is not null && _roots.TryGetValue(member, out var root) ? new ApiOwner(root.Id, root.Table is null ? null : MemberOf(root.Table, argument), root.Operations) { Root = root.Key } : null;
    }

    /// <summary>True where a table makes a type of the name, whether anything leads to it or not.</summary>
    internal bool HasType(string name) => _made.Contains(name);

    /// <summary>True for the type of the rows of a table.</summary>
    internal bool IsRow(string name) => _rows.Contains(name);

    /// <summary>Type, member and argument of a path; null for what it does not have.</summary>
    internal static (string Type, string? Member, string? Argument) Split(string path)
    {
        var (dot, open) = (path.IndexOf('.', StringComparison.Ordinal), path.IndexOf('(', StringComparison.Ordinal));
        return dot < 0 ? (path, null, null)
            : open < 0 ? (path[..dot], path[(dot + 1)..], null)
            : (path[..dot], path[(dot + 1)..open], path[(open + 1)..^1]);
    }

    private void Add(TableView view)
    {
        var (table, names) = (view.Table, view.Names);
        _rows.Add(names.Row);
        foreach (var type in view.Types)
        {
            _types.TryAdd(type.Type.Name, (table, type.Type.Name == names.Filter ? ["select", "insert", "update", "delete"] : ["select"]));
            _made.Add(type.Type.Name);
        }

        // What to do with rows that are there already follows from the permission to update.
        string[] inserts = ["insert", "update", "select"];
        foreach (var name in new[] { names.Insert, names.ObjectInsert, names.ArrayInsert, names.Conflict, names.Constraint })
        {
            _types[name] = (table, inserts);
        }

        string[] updates = ["update", "insert", "select"];
        foreach (var name in new[] { names.KeyColumns, names.Updates, names.UpdateColumn }.Concat(new[] { "set", "inc", "append", "prepend", "delete_at_path", "delete_elem", "delete_key" }.Select(names.Update)))
        {
            _types[name] = (table, updates);
        }

        _types[names.Response] = (table, ["insert", "update", "delete", "select"]);
        if (table.Info.EnumValues is not null)
        {
            _types.TryAdd(view.Naming.Type(names.Identifier, "enum"), (table, ["select"]));
        }

        foreach (var key in table.Roots is null ? [] : Reads.Concat(Roots))
        {
            _roots.TryAdd(table.Roots!.Field(key, default, []).Name, (IdOf(table), key[0] switch { 's' => ["select"], 'i' => inserts, _ => [key.Split('_')[0], "select"] }, table, key));
        }

        foreach (var field in view.Roots.Queries.Concat(view.Roots.Subscriptions))
        {
            _roots.TryAdd(field.Name, (IdOf(table), ["select"], table, null));
        }
    }

    private static ObjectId IdOf(ApiTable table) => ObjectId.OfTable(table.Source.Name, table.Info.Name);

    private static ObjectId? MemberOf(ApiTable table, string? member)
    {
        if (member is null)
        {
            return null;
        }

        var id = IdOf(table);
        if (table.Columns.FirstOrDefault(c => c.Name == member) is { } column)
        {
            return id with { Kind = ObjectKind.Column, Name = column.Facts.Name };
        }

        var naming = table.Source.Naming;
        if (table.Links.Find(l => l.Name == member || l.AggregateName(naming) == member || l.AggregateFilterName(naming) == member || l.AggregateOrderName(naming) == member) is { } link)
        {
            return id with { Kind = link.IsLocal ? ObjectKind.Relationship : ObjectKind.RemoteRelationship, Name = link.Name };
        }

        return table.Computed.Exists(c => c.Name == member) ? id with { Kind = ObjectKind.ComputedField, Name = member }
            : table.RemoteFields.Exists(r => r.Name == member) ? id with { Kind = ObjectKind.RemoteRelationship, Name = member }
            : table.NativeLinks.Exists(n => n.Name == member) ? id with { Kind = ObjectKind.Relationship, Name = member }
            : null;
    }
}
