using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api;
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
