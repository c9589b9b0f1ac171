using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>A small project and its database, to look at parts of the schemas that it makes.</summary>
internal sealed class SmallApi
{
    /// <summary>
    /// Tables of the database, one a line: <c>book(id int4*, title text!, _, author_id int4 -> author.id)</c>, where * is a column of the primary
    /// key, ! a column that is never null, and _ stands for a column that was dropped.
    /// </summary>
    public required string Catalog { get; init; }

    /// <summary>Functions of the database, as the catalogs of real projects have them.</summary>
    public string Functions { get; init; } = "[]";

    /// <summary>Values of enum tables, by table.</summary>
    public string EnumValues { get; init; } = "{}";

    /// <summary>Members of the source beside its tables.</summary>
    public string Source { get; init; } = "{}";

    /// <summary>Tracked tables.</summary>
    public required string Tables { get; init; }

    /// <summary>Members of the document beside its source.</summary>
    public string Document { get; init; } = "{}";

    /// <summary>Settings of a server with graphql-default.</summary>
    public static ApiSettings GraphQLNames { get; } = new() { ExperimentalFeatures = new HashSet<string> { "naming_convention" }, DefaultNamingConvention = "graphql-default" };

    /// <summary>The schema of a role.</summary>
    public ApiSchema Build(string role = "admin", ApiSettings? settings = null) => RoleSchemas.Build(ReadDocument(), ReadCatalog(), role, settings);

    /// <summary>A builder of the schemas of all roles.</summary>
    public ApiSchemaBuilder Builder(ApiSettings? settings = null) => RoleSchemas.Builder(ReadDocument(), ReadCatalog(), settings);

    /// <summary>The document beside its database.</summary>
    public MetadataModel ToModel() => MetadataModel.Of(ReadDocument(), new Dictionary<string, SourceFacts> { [MetadataDocument.DefaultSource] = new(ReadCatalog()) });

    /// <summary>The catalog of the database.</summary>
    public DatabaseCatalog ReadCatalog() => CatalogJson.Read(new JsonObject
    {
        ["tables"] = new JsonArray([.. Catalog.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Table)]),
        ["functions"] = JsonNode.Parse(Functions),
        ["types"] = new JsonArray("int4", "text", "float8", "bool", "jsonb"),
        ["enum_values"] = JsonNode.Parse(EnumValues),
    });

    /// <summary>Fields of a type, with their arguments.</summary>
    public static string Fields(ApiSchema schema, string type, params string[] names) =>
        string.Join("; ", schema.Find(type)!.Fields.Where(f => names.Length == 0 || names.Contains(f.Name)).Select(f => $"{f.Name}{Arguments(f.Arguments)}: {f.Type}"));

    /// <summary>Fields of an input type.</summary>
    public static string Inputs(ApiSchema schema, string type) => string.Join(", ", schema.Find(type)!.InputFields.Select(f => $"{f.Name}: {f.Type}"));

    private static string Arguments(ApiInputValue[] arguments) => arguments.Length == 0 ? "" : $"({string.Join(", ", arguments.Select(a => $"{a.Name}: {a.Type}"))})";

    private MetadataDocument ReadDocument()
    {
        var source = JsonNode.Parse("""{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"U"}}}}""")!.AsObject();
        source["tables"] = JsonNode.Parse(Tables);
        Merge(source, Source);
        var root = new JsonObject { ["version"] = 3, ["sources"] = new JsonArray(source) };
        Merge(root, Document);
        return new MetadataDocument(root);
    }

    private static void Merge(JsonObject into, string members)
    {
        foreach (var (key, value) in JsonNode.Parse(members)!.AsObject())
        {
            into[key] = value?.DeepClone();
        }
    }

    private static JsonNode Table(string line)
    {
        var name = line[..line.IndexOf('(')];
        var (columns, keys, foreign, position) = (new JsonArray(), new JsonArray(), new JsonArray(), 0);
        foreach (var part in line[(name.Length + 1)..^1].Split(", "))
        {
            position++;
            if (part == "_")
            {
                continue;
            }

            var words = part.Split(' ');
            var (column, type) = (words[0], words[1].TrimEnd('*', '!'));
            columns.Add((JsonNode)new JsonObject { ["name"] = column, ["pos"] = position, ["type"] = type, ["kind"] = "b", ["nullable"] = type == words[1], ["mutable"] = true });
            if (words[1].EndsWith('*'))
            {
                keys.Add((JsonNode)JsonValue.Create(column));
            }

            if (words.Length == 4)
            {
                var target = words[3].Split('.');
                foreign.Add((JsonNode)new JsonObject { ["name"] = $"{name}_{column}_fkey", ["schema"] = "public", ["table"] = target[0], ["cols"] = new JsonArray(column), ["fcols"] = new JsonArray(target[1]) });
            }
        }

        return new JsonObject
        {
            // The same in all catalogs of the project.
            ["oid"] = name.Aggregate(2_000_000u, (oid, letter) => (oid * 31 % 1_000_000) + letter + 2_000_000),
            ["schema"] = "public",
            ["name"] = name,
            ["kind"] = "r",
            ["cols"] = columns,
            ["idx"] = keys.Count == 0 ? new JsonArray() : new JsonArray(new JsonObject { ["name"] = $"{name}_pkey", ["pk"] = true, ["cols"] = keys }),
            ["fks"] = foreign,
        };
    }
}
