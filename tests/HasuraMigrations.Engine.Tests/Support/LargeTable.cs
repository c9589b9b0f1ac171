using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>A tracked table with a permission of each of eleven roles, as large documents have by the thousand.</summary>
internal static class LargeTable
{
    public static JsonObject Json(int limit = 10) => new()
    {
        ["table"] = new JsonObject { ["name"] = "orders", ["schema"] = "public" },
        ["object_relationships"] = new JsonArray(new JsonObject { ["name"] = "owner", ["using"] = new JsonObject { ["foreign_key_constraint_on"] = "owner_id" } }),
        ["select_permissions"] = new JsonArray([.. Enumerable.Range(0, 11).Select(r => new JsonObject
        {
            ["role"] = $"role_{r:00}",
            ["permission"] = new JsonObject
            {
                ["columns"] = new JsonArray([.. Enumerable.Range(1, 12).Select(c => JsonValue.Create($"column_{c}"))]),
                ["filter"] = JsonNode.Parse("""{"_or":[{"owner_id":{"_eq":"X-Hasura-User-Id"}},{"owner":{"is_public":{"_eq":true}}}]}"""),
                ["limit"] = limit,
            },
        })]),
    };

    public static string Yaml() => YamlWriter.Write(Json(), MetadataFileStyle.Cli25);

    public static MetadataDocument Document(int limit = 10) => new(new JsonObject
    {
        ["version"] = 3,
        ["sources"] = new JsonArray(new JsonObject { ["name"] = "default", ["kind"] = "postgres", ["tables"] = new JsonArray(Json(limit)) }),
    });
}
