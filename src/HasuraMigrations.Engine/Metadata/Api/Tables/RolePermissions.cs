using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>What each role may do with each table: its own permissions, and what it inherits.</summary>
internal sealed class RolePermissions
{
    /// <summary>The role that may do everything.</summary>
    internal const string Admin = "admin";

    private readonly IReadOnlyList<ApiTable> _tables;
    private readonly SchemaCache _cache;
    private readonly PermissionReader[] _readers;
    private readonly Dictionary<string, TablePermissions>[] _own;
    private readonly HashSet<ObjectId> _conflicts;
    private readonly Dictionary<string, TablePermissions[]> _ofRoles = new(StringComparer.Ordinal);

    internal RolePermissions(ApiFeatures features, IReadOnlyList<ApiTable> tables, SchemaCache cache)
    {
        (_tables, _cache) = (tables, cache);
        _readers = [.. tables.Select(t => new PermissionReader(t, cache))];
        _own = new Dictionary<string, TablePermissions>[_readers.Length];
        WorkAhead.ForEach(_readers.Length, i => _own[i] = _readers[i].Read());
        _conflicts = cache.Inconsistencies.Found.Select(i => i.Id).Where(i => i.IsInheritance).ToHashSet();
        // A cycle fails the whole schema of a server.
        Parents = features.HasInheritance && cache.HardError is null ? cache.InheritedRoles : new Dictionary<string, IReadOnlyList<string>>();
    }

    /// <summary>Roles that inherit, with their parents.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<string>> Parents { get; }

    /// <summary>Roles with a permission of a table.</summary>
    internal IEnumerable<string> Roles => _own.SelectMany(o => o.Keys).Distinct(StringComparer.Ordinal);

    /// <summary>What a role may do, by the index of the table.</summary>
    internal TablePermissions[] Of(string role)
    {
        lock (_ofRoles)
        {
            // Parents come first. Not recursive: chains of roles can be long.
            var waiting = new Stack<string>([role]);
            while (waiting.TryPeek(out var next))
            {
                var missing = Parents.GetValueOrDefault(next, []).Where(p => !_ofRoles.ContainsKey(p)).ToList();
                if (_ofRoles.ContainsKey(next) || missing.Count == 0)
                {
                    waiting.Pop();
                    _ofRoles.TryAdd(next, next == Admin ? [.. _readers.Select(r => r.Admin())] : Parents.ContainsKey(next) ? Inherited(next) : Own(next));
                }

                missing.ForEach(waiting.Push);
            }

            return _ofRoles[role];
        }
    }

    /// <summary>A role and those that it inherits from.</summary>
    internal List<string> WithParents(string role)
    {
        var all = new List<string> { role };
        for (var i = 0; i < all.Count; i++)
        {
            all.AddRange(Parents.GetValueOrDefault(all[i], []).Where(p => !all.Contains(p)));
        }

        return all;
    }

    /// <summary>What a role holds of a thing that roles inherit: its own permission, or what its parents hold together; null for nothing.</summary>
    /// <param name="role">The role.</param>
    /// <param name="own">The permission that is written for a role.</param>
    /// <param name="merge">What follows from those of the parents that have one.</param>
    internal T? Inherited<T>(string role, Func<string, T?> own, Func<IReadOnlyList<T>, T?> merge)
        where T : class
    {
        var all = WithParents(role);
        var held = all.Where(r => !Parents.ContainsKey(r)).ToDictionary(r => r, own, StringComparer.Ordinal);
        foreach (var next in RoleRules.ParentsFirst(all.Where(Parents.ContainsKey).ToDictionary(r => r, r => Parents[r])))
        {
            var inherited = Parents[next].Distinct(StringComparer.Ordinal).Select(p => held.GetValueOrDefault(p)).OfType<T>().ToList();
            held[next] = own(next) ?? (inherited.Count == 0 ? null : merge(inherited));
        }

        return held[role];
    }

    private TablePermissions[] Own(string role) => [.. _own.Select(o => o.GetValueOrDefault(role) ?? TablePermissions.None)];

    private TablePermissions[] Inherited(string role)
    {
        var parents = Parents[role].Distinct(StringComparer.Ordinal).Select(p => _ofRoles[p]).ToList();
        var all = new TablePermissions[_tables.Count];
        for (var i = 0; i < all.Length; i++)
        {
            var own = _own[i].GetValueOrDefault(role) ?? TablePermissions.None;
            var inherited = parents.Select(p => p[i]).ToList();
            all[i] = _readers[i].Share(new TablePermissions(
                own.Select ?? PermissionMerge.Merge(_tables[i], inherited.Select(p => p.Select).OfType<SelectPermission>().ToList()),
                own.Insert ?? Write(i, role, "insert", inherited.Select(p => p.Insert)),
                own.Update ?? Write(i, role, "update", inherited.Select(p => p.Update)),
                own.Delete ?? Write(i, role, "delete", inherited.Select(p => p.Delete))));
        }

        return all;
    }

    // Where the parents do not agree, the role has none; that they do not is an inconsistency.
    private WritePermission? Write(int table, string role, string kind, IEnumerable<WritePermission?> inherited) =>
        _conflicts.Contains(new ObjectId(ObjectKind.InheritedRole, _tables[table].Source.Name, _tables[table].Info.Name, kind, role))
            ? null
            : inherited.FirstOrDefault(p => p is not null);
}
