using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>What is consistent, and is missing in the GraphQL schemas or keeps a server from building them.</summary>
public sealed class ApiLintTests(PostgresServer server)
{
    [Fact]
    public async Task Names_that_GraphQL_does_not_have_are_told_once()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE TYPE "odd type" AS ENUM ('a');
            CREATE TABLE "my table" (id int PRIMARY KEY);
            CREATE TABLE named (id int, "a b" text, "c d" text, odd "odd type");
            CREATE UNIQUE INDEX "named-id" ON named (id);
            CREATE VIEW seen AS SELECT 1 AS "x y";
            CREATE TABLE good (id int PRIMARY KEY, named_id int);
            """);
        var found = await FindAsync(database, """
            [{"table":{"schema":"public","name":"my table"}},
             {"table":{"schema":"public","name":"named"},"configuration":{"custom_root_fields":{},"column_config":{"c d":{"custom_name":"c_d"}}}},
             {"table":{"schema":"public","name":"seen"},"configuration":{"column_config":{"x y":{"custom_name":"x_y"}},"custom_root_fields":{}}},
             {"table":{"schema":"public","name":"good"},"select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}]}]
            """);

        Assert.All(found, f => Assert.Equal(("NameNotInGraphQL", FindingSeverity.Warning, "default"), (f.Id, f.Severity, f.Database)));
        Assert.Equal(["'my table'", "'a b'", "'odd type'", "'named-id'"], found.Select(f => f.Message[f.Message.IndexOf('\'', StringComparison.Ordinal)..(f.Message.IndexOf('\'', f.Message.IndexOf('\'', StringComparison.Ordinal) + 1) + 1)]));
    }

    [Fact]
    public async Task A_role_that_can_do_nothing_is_told()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY, x int)");
        var found = await FindAsync(database, """
            [{"table":{"schema":"public","name":"a"},
              "select_permissions":[{"role":"empty","permission":{"columns":["id"],"filter":{},"query_root_fields":[],"subscription_root_fields":[]}},{"role":"reader","permission":{"columns":["id"],"filter":{}}}],
              "delete_permissions":[{"role":"backend","permission":{"filter":{},"backend_only":true}}]}]
            """);

        var finding = Assert.Single(found);
        Assert.Equal("RoleWithoutApi", finding.Id);
        Assert.Contains("'empty'", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Types_of_two_sources_that_clash_are_told_with_their_roles()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY); CREATE SCHEMA other; CREATE TABLE other.b (id int PRIMARY KEY, y text)");
        var tables = """{"table":{"schema":"public","name":"a"}},{"table":{"schema":"other","name":"b"},"configuration":{"custom_name":"b_of","custom_root_fields":{"select":"bs"}}}""";
        var found = await FindAsync(database, $"[{tables}]", """{"custom_types":{"objects":[{"name":"b_of","fields":[{"name":"z","type":"Int"}]}]},"actions":[{"name":"act","definition":{"kind":"synchronous","type":"query","handler":"http://x","output_type":"b_of","arguments":[]}}]}""");

        var finding = Assert.Single(found, f => f.Id == "ApiNameClash");
        Assert.Contains("b_of", finding.Message, StringComparison.Ordinal);
        Assert.Contains("'admin'", finding.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<Finding>> FindAsync(TestDatabase database, string tables, string more = "{}")
    {
        var root = JsonNode.Parse("""{"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"URL"}}}}]}""")!.AsObject();
        root["sources"]![0]!["tables"] = JsonNode.Parse(tables);
        foreach (var (key, value) in JsonNode.Parse(more)!.AsObject())
        {
            root[key] = value?.DeepClone();
        }

        var model = await MetadataModel.ReadAsync(new MetadataDocument(root), new Dictionary<string, HasuraConnection> { ["default"] = PostgresConnectionString.Read(database.ConnectionString) }, withLinks: false, CancellationToken.None);
        Assert.Empty(model.Findings());
        return model.ApiFindings();
    }
}
