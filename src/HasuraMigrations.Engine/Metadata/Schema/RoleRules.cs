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
        // There is no list of roles: a permission of a role creates it (Hasura, permissions).
        var known = Roles(root).Concat(roles.Select(r => r["role_name"].AsText())).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var role in roles)
        {
            var name = role["role_name"].AsText() ?? "";
            var item = new MetadataObject(ObjectId.OfGlobal(ObjectKind.InheritedRole, name), "inherited_role", $"inherited role {name}", () => role);
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
        foreach (var (source, node) in MetadataTree.SourcesOf(root))
        {
            foreach (var (table, entry) in MetadataTree.TablesOf(node).Where(t => cache.FindTable(source, t.Name) is not null))
            {
                // Select permissions of the parents are merged and cannot conflict (Hasura, inherited roles).
                foreach (var (kind, role) in from k in new[] { "insert", "update", "delete" } from r in cache.InheritedRoles.Keys select (k, r))
                {
                    var permissions = cache.InheritedRoles[role].Select(p => entry.EntryAt($"{kind}_permissions", "role", p)?["permission"]).OfType<JsonNode>().ToList();
                    // A permission of the inherited role itself takes the place of its parents' (Hasura, inherited roles).
                    if (entry.EntryAt($"{kind}_permissions", "role", role) is not null || permissions.TrueForAll(p => p.SameAs(permissions[0])))
                    {
                        continue;
                    }

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

    // Roles that have any permission at all.
    private static IEnumerable<string?> Roles(JsonObject root)
    {
        foreach (var (_, source) in MetadataTree.SourcesOf(root))
        {
            foreach (var (_, table) in MetadataTree.TablesOf(source))
            {
                foreach (var permission in PermissionRules.Kinds.SelectMany(k => table[$"{k}_permissions"].AsObjects()))
                {
                    yield return permission["role"].AsText();
                }
            }

            foreach (var permission in source["functions"].AsObjects().SelectMany(f => f["permissions"].AsObjects()))
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
