using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Inherited roles come from roles that are there, and not from themselves.</summary>
internal static class RoleRules
{
    /// <summary>Refuses roles that inherit from themselves.</summary>
    internal static void Order(MetadataEra era, SchemaCache cache, JsonObject root)
    {
        var parents = root["inherited_roles"].AsObjects().ToLookup(r => r["role_name"].AsText() ?? "", r => r["role_set"].AsTexts());
        var cycles = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var role in parents.Select(p => p.Key).Where(r => !seen.Contains(r)))
        {
            if (Cycle(parents, role, seen) is { } cycle)
            {
                seen.UnionWith(cycle);
                cycles.Add($"[{string.Join(",", cycle.Select(r => $"\"{r}\""))}]");
            }
        }

        if (cycles.Count > 0)
        {
            // A cycle fails the whole build; no role is inconsistent on its own (Hasura 2.48).
            cache.HardError ??= new MetadataCommandException("cyclic-dependency", $"found cycle(s) in roles{era.Colon}{string.Join(",", cycles)}");
        }
    }

    /// <summary>Looks for the parents of inherited roles.</summary>
    internal static void Build(SchemaCache cache, JsonObject root)
    {
        var roles = root["inherited_roles"].AsObjects().ToList();
        if (roles.Count == 0)
        {
            return;
        }

        // There is no list of roles: a permission of a role creates it (Hasura, permissions).
        var known = Roles(root).Concat(roles.Select(r => r["role_name"].AsText())).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var role in roles)
        {
            var name = role["role_name"].AsText() ?? "";
            var item = new NamedObject(ObjectId.OfGlobal(ObjectKind.InheritedRole, name), "inherited_role", $"inherited role {name}", () => role);
            var missing = role["role_set"].AsTexts().Where(p => !known.Contains(p)).ToList();
            if (missing.Count > 0)
            {
                cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, $"in inherited role {name}: the following parent role(s) are not found: {string.Join(", ", missing)} which are required to construct the inherited role: \"{name}\"");
            }
            else
            {
                cache.Keep(item, []);
                cache.InheritedRoles[name] = [.. role["role_set"].AsTexts()];
            }
        }
    }

    /// <summary>Looks for what parents of a role permit in different ways, which nobody can inherit.</summary>
    internal static void FindConflicts(SchemaCache cache, JsonObject root)
    {
        if (cache.InheritedRoles.Count == 0)
        {
            return;
        }

        var roles = ParentsFirst(cache.InheritedRoles);
        foreach (var (source, node) in MetadataTree.SourcesOf(root))
        {
            foreach (var (table, entry) in MetadataTree.TablesOf(node))
            {
                if (cache.FindTable(source, table) is not { } info)
                {
                    continue;
                }

                // Select permissions of the parents are merged and cannot conflict (Hasura, inherited roles).
                foreach (var kind in new[] { "insert", "update", "delete" }.Where(k => entry[$"{k}_permissions"] is JsonArray { Count: > 0 }))
                {
                    // What is inconsistent is nobody's permission (Hasura 2.48).
                    var standing = entry[$"{kind}_permissions"].AsObjects().Where(p => cache.Objects.ContainsKey(new ObjectId(ObjectKind.Permission, source, table, kind, p["role"].AsText() ?? "")));
                    foreach (var role in Conflicts(cache, info, standing, roles))
                    {
                        var reason = $"Could not inherit permission for the role '{role}' for the entity: '{kind} permission, table: {table.InMessage()}, source: '{source}''";
                        cache.Inconsistencies.Add(new ObjectId(ObjectKind.InheritedRole, source, table, kind, role), reason, new JsonObject
                        {
                            ["reason"] = reason,
                            ["name"] = role,
                            ["type"] = "inherited role permission inconsistency",
                            ["entity"] = new JsonObject { ["permission_type"] = kind, ["source"] = source, ["table"] = table.InMessage() },
                        });
                    }
                }
            }
        }
    }

    // The roles whose parents, each with its own permission or the one it inherits, do not agree.
    private static IEnumerable<string> Conflicts(SchemaCache cache, TableInfo table, IEnumerable<JsonObject> permissions, List<string> roles)
    {
        var held = permissions.ToLookup(p => p["role"].AsText() ?? "", p => p["permission"]).ToDictionary(g => g.Key, g => g.First());
        foreach (var role in roles)
        {
            // A permission of the inherited role itself takes the place of its parents' (Hasura, inherited roles).
            if (held.ContainsKey(role))
            {
                continue;
            }

            var inherited = cache.InheritedRoles[role].Select(p => held.GetValueOrDefault(p)).OfType<JsonNode>().ToList();
            if (inherited.Count > 0 && inherited.TrueForAll(p => PermitsTheSame(table, p, inherited[0])))
            {
                held[role] = inherited[0];
            }
            else if (inherited.Count > 0)
            {
                yield return role;
            }
        }
    }

    // Columns are compared as sets, and members that were left out by their defaults (Hasura, inherited roles).
    private static bool PermitsTheSame(TableInfo table, JsonNode left, JsonNode right) =>
        ReferenceEquals(left, right) || (Columns(table, left["columns"]).SetEquals(Columns(table, right["columns"])) && Rest(left).SameAs(Rest(right)));

    private static HashSet<string> Columns(TableInfo table, JsonNode? columns) =>
        [.. columns is JsonArray ? columns.AsTexts() : table.Facts.Columns.Select(c => c.Name)];

    private static JsonObject Rest(JsonNode permission) => new(permission.AsObject()
        .Where(m => m.Key != "columns" && m.Value is not (null or JsonObject { Count: 0 }) && !(m.Key == "backend_only" && m.Value.ToText() == "false"))
        .Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value!.DeepClone())));

    /// <summary>Roles that inherit, each behind those of them that it inherits from. Not recursive: chains of roles can be long.</summary>
    internal static List<string> ParentsFirst(IReadOnlyDictionary<string, IReadOnlyList<string>> roles)
    {
        var waiting = roles.ToDictionary(r => r.Key, r => r.Value.Distinct().Count(roles.ContainsKey));
        var children = roles.SelectMany(r => r.Value.Distinct().Select(p => (Parent: p, Child: r.Key))).ToLookup(r => r.Parent, r => r.Child);
        var sorted = new List<string>(roles.Keys.Where(r => waiting[r] == 0));
        for (var i = 0; i < sorted.Count; i++)
        {
            sorted.AddRange(children[sorted[i]].Where(c => --waiting[c] == 0));
        }

        return sorted;
    }

    // Roles that were gone through are not gone through again: in diamonds the ways are many more than the roles. Nor does it
    // call itself: a chain may be longer than the stack is deep.
    private static List<string>? Cycle(ILookup<string, IEnumerable<string>> parents, string first, HashSet<string> seen)
    {
        var way = new List<(string Role, IEnumerator<string> Parents)>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        void Enter(string role)
        {
            places[role] = way.Count;
            way.Add((role, parents[role].SelectMany(p => p).GetEnumerator()));
        }

        Enter(first);
        while (way.Count > 0)
        {
            var (role, next) = way[^1];
            if (!next.MoveNext())
            {
                seen.Add(role);
                places.Remove(role);
                way.RemoveAt(way.Count - 1);
            }
            else if (places.TryGetValue(next.Current, out var start))
            {
                // Servers repeat the first role of a cycle at its end (Hasura 2.48).
                return [.. way.Skip(start).Select(w => w.Role), next.Current];
            }
            else if (!seen.Contains(next.Current))
            {
                Enter(next.Current);
            }
        }

        return null;
    }

    /// <summary>Roles that have any permission at all.</summary>
    internal static IEnumerable<string?> Roles(JsonObject root)
    {
        foreach (var (_, source) in MetadataTree.SourcesOf(root))
        {
            foreach (var (_, table) in MetadataTree.TablesOf(source))
            {
                // A copy: the document may rest on text, and the nodes of all permissions would stay beside it.
                var copy = table.DeepClone();
                foreach (var permission in PermissionRules.Kinds.SelectMany(k => copy[$"{k}_permissions"].AsObjects()))
                {
                    yield return permission["role"].AsText();
                }
            }

            // A logical model may stand in the native query that returns it (Hasura, native queries).
            var models = source["logical_models"].AsObjects().Concat(source["native_queries"].AsObjects().Select(q => q["returns"]).OfType<JsonObject>());
            var others = source["functions"].AsObjects().SelectMany(f => f["permissions"].AsObjects()).Concat(models.SelectMany(m => m["select_permissions"].AsObjects()));
            foreach (var permission in others)
            {
                yield return permission["role"].AsText();
            }
        }

        foreach (var permission in root["actions"].AsObjects().Concat(root["remote_schemas"].AsObjects()).SelectMany(o => o["permissions"].AsObjects()))
        {
            yield return permission["role"].AsText();
        }
    }
}
