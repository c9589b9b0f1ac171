using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Checking;

/// <summary>Warns of roles that are named but that no permission defines.</summary>
internal sealed class RoleInspector(MetadataDocument document, FindingWriter findings)
{
    private static readonly string[] PermissionLists = ["insert_permissions", "select_permissions", "update_permissions", "delete_permissions"];
    private static readonly string[] Limits = ["batch_limit", "depth_limit", "node_limit", "rate_limit", "time_limit"];

    // Few documents name a role elsewhere, and to know the roles is to look at every table.
    private readonly Lazy<HashSet<string>> _roles = new(() => Defined(document));

    internal void Inspect()
    {
        var root = document.Root;
        foreach (var inherited in root["inherited_roles"].AsObjects())
        {
            Require(inherited["role_set"] as JsonArray, $"The inherited role '{inherited["role_name"].AsText()}'");
        }

        foreach (var entry in root["allowlist"].AsObjects())
        {
            Require(entry["scope"].Get("roles") as JsonArray, $"The allow list entry '{entry["collection"].AsText()}'");
        }

        Require(root["graphql_schema_introspection"].Get("disabled_for_roles") as JsonArray, "The introspection setting");
        foreach (var limit in Limits)
        {
            var perRole = root["api_limits"].Get(limit).Get("per_role") as JsonObject;
            foreach (var (role, value) in perRole ?? [])
            {
                Require(role, value ?? perRole, $"The API limit {limit}");
            }
        }
    }

    private static HashSet<string> Defined(MetadataDocument document)
    {
        var roles = new HashSet<string>(StringComparer.Ordinal) { "admin" };
        foreach (var (_, source) in MetadataTree.SourcesOf(document.Root))
        {
            foreach (var table in source["tables"].AsObjects().Select(document.LookAt))
            {
                foreach (var list in PermissionLists)
                {
                    roles.UnionWith(ReferenceInspector.Names(table[list], "role"));
                }
            }

            foreach (var model in source["logical_models"].AsObjects())
            {
                roles.UnionWith(ReferenceInspector.Names(model["select_permissions"], "role"));
            }

            foreach (var function in source["functions"].AsObjects())
            {
                roles.UnionWith(ReferenceInspector.Names(function["permissions"], "role"));
            }
        }

        foreach (var owner in document.Root["actions"].AsObjects().Concat(document.Root["remote_schemas"].AsObjects()))
        {
            roles.UnionWith(ReferenceInspector.Names(owner["permissions"], "role"));
        }

        roles.UnionWith(ReferenceInspector.Names(document.Root["inherited_roles"], "role_name"));
        return roles;
    }

    private void Require(JsonArray? names, string what)
    {
        foreach (var node in names ?? [])
        {
            if (node.AsText() is { } role)
            {
                Require(role, node, what);
            }
        }
    }

    private void Require(string role, JsonNode? node, string what)
    {
        if (!_roles.Value.Contains(role))
        {
            var nearest = NearestName.Of(role, _roles.Value);
            findings.Warning("MetadataRoleUnknown", node, $"{what} names the role '{role}', which no permission defines.{(nearest is null ? "" : $" Did you mean '{nearest}'?")}");
        }
    }
}
