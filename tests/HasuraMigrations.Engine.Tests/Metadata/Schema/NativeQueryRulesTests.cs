using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Tests.Targets.Server;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Metadata.Schema;

/// <summary>Native queries are prepared by the database, and by nothing more than that.</summary>
public sealed class NativeQueryRulesTests(PostgresServer server)
{
    private const string Schema = """
        CREATE TABLE ship (id int PRIMARY KEY, title text NOT NULL, tonnage int);
        CREATE SCHEMA port; CREATE TYPE port.flag AS ENUM ('a');
        """;

    /// <summary>The code, its arguments, the columns of the model, and what is wrong.</summary>
    public static TheoryData<string, string, string, string?> Queries => new()
    {
        { "SELECT id, title FROM ship WHERE tonnage > {{least}}", "least:integer", "id:integer,title:text", null },
        { "SELECT id, title FROM ship WHERE tonnage > {{ least }} -- the large ones", "least:int4", "title:text", null },
        { "WITH s AS (SELECT * FROM ship) TABLE s;", "", "id:integer,tonnage:integer", null },
        { "SELECT f FROM unnest({{flags}}) f", "flags:port.flag[]", "f:\"port.flag\"", null },
        { "SELECT {{price}} AS price, {{at}} AS at", "price:numeric(10, 2),at:timestamp with time zone", "price:numeric,at:timestamptz", null },
        { "SELECT id FROM boat", "", "id:integer", "relation \"boat\" does not exist" },
        { "SELECT id FROM ship", "", "id:integer,title:text", "column q.title does not exist" },
        { "SELECT id FROM ship WHERE tonnage > {{least}}", "", "id:integer", "syntax error at or near \"{\"" },
        { "SELECT id FROM ship WHERE title > {{least}}", "least:integer", "id:integer", "operator does not exist: text > integer" },
        { "SELECT id FROM ship WHERE tonnage = 'x'", "", "id:integer", "invalid input syntax for type integer: \"x\"" },
        { "SELECT id FROM sea.ship", "", "id:integer", "relation \"sea.ship\" does not exist" },
        // What is not one query is not sent.
        { "SELECT 1 AS id; DROP TABLE ship", "", "id:integer", null },
        { "SELECT 1 AS id) SELECT 1; DROP TABLE ship; SELECT (1", "", "id:integer", null },
        { "SELECT 1 AS id) SELECT nope FROM (SELECT 1", "", "id:integer", null },
        { "SELECT id FROM boat WHERE title = 'open", "", "id:integer", null },
        { "SELECT id FROM boat", "least:int) AS SELECT 1; DROP TABLE ship; --", "id:integer", null },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task A_query_that_the_database_cannot_prepare_is_inconsistent(string code, string arguments, string columns, string? error)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Schema);
        var model = await MetadataModel.ReadAsync(Document(code, arguments, columns), new Dictionary<string, HasuraConnection> { ["default"] = PostgresConnectionString.Read(database.ConnectionString) }, withLinks: false, CancellationToken.None);

        var expected = error is null ? [] : new[] { $"native_query q in source default: Inconsistent object: in native query \"q\": the database cannot prepare the query: {error}" };
        Assert.Equal(expected, model.Findings().Select(f => f.Message));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM ship"));
    }

    [Fact]
    public async Task A_role_that_may_not_see_a_schema_says_nothing_about_a_query()
    {
        await using var database = await server.CreateDatabaseAsync();
        var role = $"blind_{Guid.NewGuid():N}";
        await database.ExecuteAsync($"{Schema} CREATE TABLE port.berth (id int); CREATE ROLE {role} LOGIN PASSWORD 'x'");
        try
        {
            var connection = new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "x" }.ConnectionString;
            var model = await MetadataModel.ReadAsync(Document("SELECT id FROM port.berth", "", "id:integer"), new Dictionary<string, HasuraConnection> { ["default"] = PostgresConnectionString.Read(connection) }, withLinks: false, CancellationToken.None);

            Assert.Empty(model.Findings());
        }
        finally
        {
            await database.ExecuteAsync($"DROP ROLE {role}");
        }
    }

    [Theory]
    [InlineData("text,bigint", "the column \"id\" is of the type text, and the logical model says integer")]
    [InlineData("integer,text", null)]
    [InlineData("int4,character varying", null)]
    [InlineData("port.flag,text", null)]
    public async Task Columns_have_the_types_of_the_model_where_the_database_tells_them(string types, string? problem)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Schema);
        var document = Document("SELECT id, title FROM ship", "", "id:integer,title:text");
        var read = await MetadataModel.ReadAsync(document, new Dictionary<string, HasuraConnection> { ["default"] = PostgresConnectionString.Read(database.ConnectionString) }, withLinks: false, CancellationToken.None);
        var text = NativeQueryText.AllOf(document.Root["sources"]![0]!.AsObject()).Single();
        var catalog = read.State.Facts["default"].Catalog!;
        Assert.Equal([new CatalogName("public", "ship")], catalog.FindTrial(text)!.Relations);

        // As a database of version 16 tells.
        var told = catalog.With(new Dictionary<string, QueryTrial> { [text] = new(null, [], types.Split(',')) });
        var found = MetadataModel.Of(document, new Dictionary<string, SourceFacts> { ["default"] = new(told) }).State.Cache.Inconsistencies.Found;

        Assert.Equal(problem is null ? [] : [$"Inconsistent object: in native query \"q\": {problem}"], found.Select(f => f.Reason));
    }

    [Theory]
    [InlineData("SELECT id, title FROM ship", null, "public.ship")]
    [InlineData("SELECT id, titel FROM ship", "column \"titel\" does not exist", "")]
    [InlineData("SELECT id, title FROM ship WHERE title ~ '\\w'", null, "")]
    public async Task A_query_is_prepared_through_a_server(string code, string? error, string relations)
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        await place.Database.ExecuteAsync(Schema);
        var document = Document(code, "", "id:integer");
        var (facts, _) = (await new ServerCatalogReader(place.Client).ReadAsync(document.Root, ["default"], withLinks: false, CancellationToken.None))["default"];
        var trial = facts.Catalog!.FindTrial(NativeQueryText.AllOf(document.Root["sources"]![0]!.AsObject()).Single());

        Assert.Equal((error, relations), (trial?.Error, string.Join(',', trial?.Relations.Select(r => $"{r.Schema}.{r.Name}") ?? [])));
    }

    private static MetadataDocument Document(string code, string arguments, string columns)
    {
        static IEnumerable<(string Name, string Type)> Pairs(string text) =>
            System.Text.RegularExpressions.Regex.Matches(text, "(\\w+):((?:[^,(]|\\([^)]*\\)|,(?!\\w+:))+)").Select(m => (m.Groups[1].Value, m.Groups[2].Value.Trim('"')));

        return new MetadataDocument(new JsonObject
        {
            ["version"] = 3,
            ["sources"] = new JsonArray(new JsonObject
            {
                ["name"] = "default",
                ["kind"] = "postgres",
                ["tables"] = new JsonArray(),
                ["configuration"] = new JsonObject { ["connection_info"] = new JsonObject { ["database_url"] = new JsonObject { ["from_env"] = "URL" } } },
                ["native_queries"] = new JsonArray(new JsonObject
                {
                    ["root_field_name"] = "q",
                    ["code"] = code,
                    ["arguments"] = new JsonObject(Pairs(arguments).Select(a => KeyValuePair.Create<string, JsonNode?>(a.Name, new JsonObject { ["type"] = a.Type, ["nullable"] = false }))),
                    ["returns"] = new JsonObject { ["fields"] = new JsonArray([.. Pairs(columns).Select(c => new JsonObject { ["name"] = c.Name, ["type"] = new JsonObject { ["scalar"] = c.Type, ["nullable"] = true } })]) },
                }),
            }),
        });
    }
}
