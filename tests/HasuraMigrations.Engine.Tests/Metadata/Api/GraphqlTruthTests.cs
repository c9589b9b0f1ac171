using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>The schemas that are computed are those that running servers showed.</summary>
public sealed class GraphqlTruthTests
{
    // What the author's database had and no migration makes, or the other way round: columns, keys, a value, an action.
    private const string DriftOf5Stack =
        @"^(\*player_faceit_rank_history\.(elo|skill_level)|.*\.(cfg|faceit_synced_at|notification_timezone|previous_version|quiet_hours_(start|end)|cs2_launch_options(\(path\))?|is_league|promote_count|relegate_count|scheduled_at)"
        + @"|\+draft_\w+_constraint\.\w+|-e_match_party_sources_enum\.faceit|\+mutation_root\.setGamePluginAutoUpdate(\(\w+\))?) ";

    // The author edited values of two enums by hand, and their texts went.
    private const string EditedIn5Stack = @"^game_plugin_installs_(select|update)_column\.load_";

    // A second source whose table no migration makes, a relationship of another name, and two more.
    private const string DriftOfIntuition = @"^(-[\w.]*cached_image\w*(\.\w+)?(\(\w+\))?|-atoms(_\w+)?\.atom_value|\+atoms(_\w+)?\.value|\+events(_\w+)?\.(atom|triple)) ";

    private static readonly string? Blog = SharedData.Find("reference/examples/graphql-schema/blog");

    [Theory]
    [InlineData("5stack-2025-12", "admin", "2.48", null, 0)]
    [InlineData("5stack-2026-08", "admin", "2.48", DriftOf5Stack, 143)]
    [InlineData("carnet-de-bord-2023-11", "admin", "2.31", null, 0)]
    [InlineData("intuition-2025-04", "anonymous", "2.48", DriftOfIntuition, 140)]
    public void A_computed_schema_is_that_of_the_server(string project, string role, string version, string? drift, int count)
    {
        SharedData.Needs(SharedData.Find("graphql-truth") is not null, "graphql-truth");
        var (document, catalog) = GraphqlTruth.Read(project);

        var schema = RoleSchemas.Build(document, catalog, role, new ApiSettings { Era = new MetadataEra(new Version(version)) });

        var expected = GraphqlTruth.Schema(project, $"{role}.graphql");
        var members = SchemaDifferences.Members(expected, schema);
        var unexplained = members.Where(m => drift is null || !Regex.IsMatch(m, drift)).ToList();
        Assert.True(unexplained.Count == 0, $"{unexplained.Count} members: {string.Join("\n", unexplained.Take(20))}");
        Assert.Equal(count, members.Count);
        var texts = SchemaDifferences.Texts(expected, schema).Where(t => !Regex.IsMatch(t, EditedIn5Stack)).ToList();
        Assert.True(texts.Count == 0, $"{texts.Count} texts: {string.Join("\n", texts.Take(20))}");
        Assert.Empty(schema.Faults);
        Assert.Empty(schema.Holes);
    }

    [Theory]
    [InlineData("laravel-app-2021-12", "users", "2.1")]
    [InlineData("symfony-app-2021-11", "user", "2.0")]
    public void Types_of_tables_follow_from_their_columns_and_keys(string project, string table, string version)
    {
        SharedData.Needs(SharedData.Find("graphql-truth") is not null, "graphql-truth");
        var shown = GraphqlTruth.Schema(project, "schema.graphql");
        var (tables, catalog) = SchemaOrigin.Of(shown);
        var document = new MetadataDocument(new JsonObject { ["version"] = 3, ["sources"] = new JsonArray(new JsonObject { ["name"] = "default", ["kind"] = "postgres", ["tables"] = tables, ["configuration"] = JsonNode.Parse("""{"connection_info":{"database_url":{"from_env":"U"}}}""") }) });

        var computed = RoleSchemas.Build(document, CatalogJson.Read(catalog), "admin", new ApiSettings { Era = new MetadataEra(new Version(version)) });

        // Actions and a remote schema, which the schema alone does not tell from each other.
        var ofTable = new Regex($@"^.({table}\b|{table}_(?!registration)|\w+_comparison_exp|order_by\b|\w+_root\.(insert_|update_|delete_)?{table}(?!_registration))");
        var differences = SchemaDifferences.Members(shown, computed).Where(d => d[0] != '-' || ofTable.IsMatch(d)).ToList();
        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    [Fact]
    public void A_role_that_may_only_subscribe_sees_that()
    {
        SharedData.Needs(SharedData.Find("graphql-truth") is not null, "graphql-truth");
        const string Project = "nordkapp-2024-03-graphql-default";
        var shown = GraphqlTruth.Schema(Project, "schema.graphql");
        var document = GraphqlTruth.Document(Project);
        var message = document.Sources.Single()["tables"]!.AsArray().Single(t => t!["table"]!["name"]!.ToString() == "message")!;
        message["select_permissions"] = JsonNode.Parse("""[{"role":"restricted","permission":{"columns":"*","filter":{},"query_root_fields":[],"subscription_root_fields":["select","select_stream"]}}]""");
        // The columns that the schema shows; the metadata does not name them.
        (string Name, string Type, bool IsNullable)[] columns = [("id", "int4", false), ("created_at", "timestamptz", false), ("updated_at", "timestamptz", false), ("is_read", "bool", true), ("message_id", "int4", true), ("room_id", "int4", false), ("text", "text", false)];
        var catalog = new JsonObject
        {
            ["tables"] = new JsonArray(new JsonObject
            {
                ["schema"] = "public",
                ["name"] = "message",
                ["kind"] = "r",
                ["cols"] = new JsonArray([.. columns.Select((c, i) => new JsonObject { ["name"] = c.Name, ["pos"] = i + 1, ["type"] = c.Type, ["kind"] = "b", ["nullable"] = c.IsNullable, ["desc"] = c.Name == "message_id" ? "source on2on message" : null, ["mutable"] = true })]),
                ["idx"] = new JsonArray(new JsonObject { ["name"] = "message_pkey", ["pk"] = true, ["cols"] = new JsonArray("id") }),
                ["fks"] = new JsonArray(),
                ["upd"] = 28,
                ["desc"] = null,
            }),
            ["functions"] = new JsonArray(),
            ["types"] = new JsonArray("int4", "timestamptz", "bool", "text"),
            ["enum_values"] = new JsonObject(),
        };

        var computed = RoleSchemas.Build(document, CatalogJson.Read(catalog), "restricted", new ApiSettings { Era = new MetadataEra(new Version(2, 36)), ExperimentalFeatures = new HashSet<string> { "naming_convention" } });

        // The tool wrote neither a root without data nor scalars of the language, and kept an enum of another role.
        var members = SchemaDifferences.Members(shown, computed).Where(m => !m.StartsWith("-MessageConstraint", StringComparison.Ordinal) && !m.StartsWith("+query_root", StringComparison.Ordinal)).ToList();
        Assert.True(members.Count == 0, string.Join("\n", members));
        Assert.Empty(SchemaDifferences.Texts(shown, computed));
    }

    [Theory]
    [InlineData("admin", false, "admin.graphql")]
    [InlineData("user", false, "user.graphql")]
    [InlineData("user", true, "user.backend.graphql")]
    [InlineData("anonymous", false, "anonymous.graphql")]
    public void A_computed_schema_is_that_of_the_example(string role, bool isBackend, string file)
    {
        SharedData.Needs(Blog is not null, "reference/examples/graphql-schema/blog");
        var document = new MetadataDocument(YamlReader.Read(File.ReadAllText(Path.Combine(Blog, "metadata.yaml")), "metadata.yaml", new MetadataPositions())!.AsObject());
        // The example leaves out what servers require and what the schema does not depend on.
        document.Sources.Single()["configuration"] = JsonNode.Parse("""{"connection_info":{"database_url":{"from_env":"PG_DATABASE_URL"}}}""");
        var catalog = CatalogJson.Read(JsonNode.Parse(File.ReadAllText(Path.Combine(Blog, "catalog.json")))!);

        var schema = RoleSchemas.Build(document, catalog, role, isBackend: isBackend);

        var expected = SdlSchemaReader.Read(File.ReadAllText(Path.Combine(Blog, file)));
        Assert.Empty(SchemaDifferences.Members(expected, schema));
        Assert.Empty(SchemaDifferences.Texts(expected, schema));
        Assert.Equal((expected.MutationType, expected.SubscriptionType), (schema.MutationType, schema.SubscriptionType));
    }
}
