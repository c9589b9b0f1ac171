using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>The schemas that are computed are those that running servers showed.</summary>
public sealed class GraphqlTruthTests
{
    [Theory]
    [InlineData("5stack-2025-12", "admin", "2.48", 0)]
    [InlineData("5stack-2026-08", "admin", "2.48", 140)]
    [InlineData("carnet-de-bord-2023-11", "admin", "2.31", 0)]
    [InlineData("intuition-2025-04", "anonymous", "2.48", 38)]
    public void A_computed_schema_is_that_of_the_server(string project, string role, string version, int drift)
    {
        SharedData.Needs(SharedData.Find("graphql-truth") is not null, "graphql-truth");
        var (document, catalog) = GraphqlTruth.Read(project);
        var settings = new ApiSettings { Era = new MetadataEra(new Version(version)) };

        var schema = ApiSchemaBuilder.Build(document, catalog, role, settings);

        var expected = GraphqlTruth.Schema(project, $"{role}.graphql");
        var differences = SchemaDifferences.Members(expected, schema);
        var texts = SchemaDifferences.Texts(expected, schema);
        File.WriteAllLines($"/tmp/a-{project}.txt", differences.Concat(texts));
        Assert.True(differences.Count == drift, $"{differences.Count} members: {string.Join("\n", differences.Take(20))}");
        Assert.True(texts.Count == 0, $"{texts.Count} texts: {string.Join("\n", texts.Take(20))}");
        Assert.Empty(schema.Faults);
    }
}
