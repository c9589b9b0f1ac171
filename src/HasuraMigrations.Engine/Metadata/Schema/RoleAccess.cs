using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Something that a role can do.</summary>
/// <param name="Role">The role.</param>
/// <param name="Operation">select, insert, update, delete, or call.</param>
/// <param name="Target">A column, a relationship or a computed field; of delete the table; of call the function or action.</param>
internal readonly record struct Access(string Role, string Operation, ObjectId Target);

/// <summary>What roles can do with what a server makes of a document, as far as permissions of tables, functions and actions tell.</summary>
internal sealed class RoleAccess
{
    /// <summary>The role that may do everything.</summary>
    internal const string Admin = "admin";

    private static readonly string[] Writes = ["insert", "update"];

    private readonly SchemaCache _cache;
    private readonly HashSet<Access> _all = [];

    private RoleAccess(SchemaCache cache) => _cache = cache;

    /// <summary>All that roles can do.</summary>
    internal IReadOnlySet<Access> All => _all;

    /// <summary>Reads it.</summary>
    internal static RoleAccess Of(MetadataState state)
    {
        var access = new RoleAccess(state.Cache);
        foreach (var info in state.Cache.Tables.Values)
        {
            access.AddAdmin(info);
            foreach (var kind in PermissionRules.Kinds)
            {
                foreach (var entry in info.Node[$"{kind}_permissions"].AsObjects())
                {
                    access.Add(info, kind, entry);
                }
            }
        }

        access.AddFields();
        access.AddActions(state.Readable);
        access.Inherit();
        return access;
    }

    /// <summary>The name of a field in the API as type and field; null for what has none.</summary>
    internal static string? FieldOf(SchemaCache cache, ObjectId id)
    {
        if (id.Kind is ObjectKind.Action)
        {
            return id.Name;
        }

        if (id.Kind == ObjectKind.Function)
        {
            return id.Table.InGraphQL;
        }

        return cache.FindTable(id.Source, id.Table) is not { } info ? null
            : id.Kind == ObjectKind.Table ? RootFieldRules.NameOf(info)
            : $"{RootFieldRules.NameOf(info)}.{(id.Kind == ObjectKind.Column ? info.CustomNames.GetValueOrDefault(id.Name, id.Name) : id.Name)}";
    }

    private void AddAdmin(TableInfo info)
    {
        foreach (var column in info.Facts.Columns)
        {
            var id = ObjectId.OfColumn(info.Source, info.Name, column.Name);
            Add(Admin, "select", id);
            if (column.IsWritable && info.Facts.IsInsertable)
            {
                Add(Admin, "insert", id);
            }

            if (column.IsWritable && info.Facts.IsUpdatable)
            {
                Add(Admin, "update", id);
            }
        }

        if (info.Facts.IsDeletable)
        {
            Add(Admin, "delete", ObjectId.OfTable(info.Source, info.Name));
        }
    }

    private void Add(TableInfo info, string kind, JsonObject entry)
    {
        var role = entry["role"].AsText() ?? "";
        if (!_cache.Objects.ContainsKey(new ObjectId(ObjectKind.Permission, info.Source, info.Name, kind, role)))
        {
            return;
        }

        if (kind == "delete")
        {
            Add(role, kind, ObjectId.OfTable(info.Source, info.Name));
            return;
        }

        var permission = entry["permission"];
        var columns = permission.Get("columns");
        var isAll = columns.AsText() == "*" || (columns is null && kind == "insert");
        // A preset takes the column from whoever writes (Hasura, column presets).
        var presets = (permission.Get("set") as JsonObject ?? []).Select(p => p.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var column in info.Facts.Columns.Where(c => isAll || columns.AsTexts().Contains(c.Name)))
        {
            if (!Writes.Contains(kind) || (column.IsWritable && !presets.Contains(column.Name)))
            {
                Add(role, kind, ObjectId.OfColumn(info.Source, info.Name, column.Name));
            }
        }

        foreach (var field in permission.Get("computed_fields").AsTexts().Where(f => info.Fields.GetValueOrDefault(f) is ComputedFieldInfo))
        {
            Add(role, kind, new ObjectId(ObjectKind.ComputedField, info.Source, info.Name, field));
        }
    }

    // Fields that lead to rows are there for whoever may select both tables.
    private void AddFields()
    {
        var readers = _all.Where(a => a.Operation == "select").Select(a => (a.Role, a.Target.Source, a.Target.Table)).ToLookup(a => (a.Source, a.Table), a => a.Role);
        var roles = readers.ToDictionary(r => r.Key, r => r.ToHashSet(StringComparer.Ordinal));
        foreach (var info in _cache.Tables.Values)
        {
            foreach (var field in info.Fields.Values)
            {
                var (kind, target) = field switch
                {
                    RelationshipField relationship => (ObjectKind.Relationship, relationship.Target),
                    ComputedFieldInfo { Table: { } returned } => (ObjectKind.ComputedField, returned),
                    _ => (ObjectKind.Unreadable, default(QualifiedName)),
                };
                if (kind != ObjectKind.Unreadable)
                {
                    foreach (var role in (roles.GetValueOrDefault((info.Source, info.Name)) ?? []).Intersect(roles.GetValueOrDefault((info.Source, target)) ?? []))
                    {
                        Add(role, "select", new ObjectId(kind, info.Source, info.Name, field.Name));
                    }
                }
                else if (field is ComputedFieldInfo)
                {
                    Add(Admin, "select", new ObjectId(ObjectKind.ComputedField, info.Source, info.Name, field.Name));
                }
            }
        }

        foreach (var (function, table) in _cache.Functions)
        {
            var id = ObjectId.OfFunction(function.Source, function.Name);
            foreach (var role in table is { } returned ? roles.GetValueOrDefault((function.Source, returned)) ?? [] : [])
            {
                // Queries are permitted with the table, mutations by a permission of their own (Hasura 2.0, function permissions).
                if (role == Admin || !_cache.VolatileFunctions.Contains(function) || _cache.Objects.ContainsKey(id with { Kind = ObjectKind.FunctionPermission, Role = role }))
                {
                    Add(role, "call", id);
                }
            }
        }
    }

    private void AddActions(JsonObject root)
    {
        foreach (var action in root["actions"].AsObjects())
        {
            var id = ObjectId.OfGlobal(ObjectKind.Action, action["name"].AsText() ?? "");
            if (_cache.Objects.ContainsKey(id))
            {
                Add(Admin, "call", id);
                foreach (var role in action["permissions"].AsObjects().Select(p => p["role"].AsText()).OfType<string>())
                {
                    Add(role, "call", id);
                }
            }
        }
    }

    private void Inherit()
    {
        if (_cache.InheritedRoles.Count == 0)
        {
            return;
        }

        var own = _all.ToLookup(a => a.Role);
        foreach (var role in _cache.InheritedRoles.Keys)
        {
            var (seen, waiting) = (new HashSet<string>(StringComparer.Ordinal) { role }, new Queue<string>(_cache.InheritedRoles[role]));
            while (waiting.TryDequeue(out var parent))
            {
                if (seen.Add(parent))
                {
                    _all.UnionWith(own[parent].Select(a => a with { Role = role }));
                    foreach (var next in _cache.InheritedRoles.GetValueOrDefault(parent) ?? [])
                    {
                        waiting.Enqueue(next);
                    }
                }
            }
        }
    }

    private void Add(string role, string operation, ObjectId target) => _all.Add(new Access(role, operation, target));
}
