using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The roles that a document names.</summary>
public static class ApiRoles
{
    /// <summary>The role admin, and all roles with a permission or with parents, in their order.</summary>
    internal static IReadOnlyList<string> Of(JsonObject root) =>
        [.. RoleRules.Roles(root).OfType<string>().Concat(root["inherited_roles"].AsObjects().Select(r => r["role_name"].AsText()).OfType<string>())
            .Prepend(RolePermissions.Admin).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The role admin, and all roles with a permission or with parents, in their order.</summary>
    /// <param name="document">The metadata.</param>
    public static IReadOnlyList<string> Of(MetadataDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Of(document.Root);
    }

    /// <summary>The role that somebody may have meant; null where none is near.</summary>
    public static string? Nearest(string role, IEnumerable<string> known) => NearestName.Of(role, known);
}
