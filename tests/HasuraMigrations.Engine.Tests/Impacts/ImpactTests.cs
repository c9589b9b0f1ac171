using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>What depends on what, what is consistent, and what changes do, over one small schema.</summary>
public sealed class ImpactTests(PostgresServer server)
{
    private const string Schema = """
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL, feeling mood);
        CREATE TABLE post (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author, title text NOT NULL, draft boolean DEFAULT true, views int);
        CREATE VIEW recent AS SELECT id, title FROM post WHERE NOT draft;
        CREATE FUNCTION shout(a author) RETURNS text LANGUAGE sql STABLE AS 'SELECT upper(a.name)';
        CREATE FUNCTION posts_of(who int) RETURNS SETOF post LANGUAGE sql STABLE AS 'SELECT * FROM post WHERE author_id = who';
        """;

    private const string Metadata = """
        {"version": 3, "sources": [{"name": "default", "kind": "postgres", "configuration": {"connection_info": {"database_url": {"from_env": "URL"}}}, "tables": [
          {"table": {"schema": "public", "name": "author"},
           "array_relationships": [{"name": "posts", "using": {"foreign_key_constraint_on": {"column": "author_id", "table": {"schema": "public", "name": "post"}}}}],
           "computed_fields": [{"name": "loud", "definition": {"function": {"schema": "public", "name": "shout"}}}],
           "select_permissions": [{"role": "user", "permission": {"columns": ["id", "name"], "computed_fields": ["loud"], "filter": {"posts": {"draft": {"_eq": false}}}}}]},
          {"table": {"schema": "public", "name": "post"},
           "object_relationships": [{"name": "author", "using": {"foreign_key_constraint_on": "author_id"}}],
           "insert_permissions": [{"role": "user", "permission": {"check": {}, "set": {"views": 0}, "columns": ["id", "author_id", "title"]}}],
           "select_permissions": [{"role": "user", "permission": {"columns": ["id", "title"], "filter": {"_or": [{"draft": {"_eq": false}}, {"author_id": {"_eq": "X-Hasura-User-Id"}}]}}},
                                  {"role": "editor", "permission": {"columns": "*", "filter": {}}}],
           "event_triggers": [{"name": "changed", "definition": {"enable_manual": false, "update": {"columns": ["title"]}}, "retry_conf": {"num_retries": 0, "interval_sec": 10, "timeout_sec": 60}, "webhook": "http://hook"}]},
          {"table": {"schema": "public", "name": "recent"}}],
          "functions": [{"function": {"schema": "public", "name": "posts_of"}}],
          "logical_models": [{"name": "count", "fields": [{"name": "writer", "type": {"scalar": "text", "nullable": false}}, {"name": "posts", "type": {"scalar": "bigint", "nullable": false}}]}],
          "native_queries": [{"root_field_name": "counts", "arguments": {"least": {"type": "bigint", "nullable": false}}, "returns": "count",
            "array_relationships": [{"name": "authors", "using": {"remote_table": {"schema": "public", "name": "author"}, "column_mapping": {"writer": "name"}, "insertion_order": null}}],
            "code": "WITH author AS (SELECT a.id, shout(a) AS writer FROM public.\"author\" a) SELECT author.writer, count(posts_of.id) AS posts FROM author CROSS JOIN LATERAL public.posts_of(author.id) GROUP BY 1 HAVING count(posts_of.id) >= {{least}} -- views"},
           {"root_field_name": "recent_posts", "arguments": {}, "code": "SELECT * FROM recent;", "returns": {"fields": [{"name": "id", "type": {"scalar": "integer", "nullable": false}}]}}]}],
         "query_collections": [{"name": "mobile", "definition": {"queries": [{"name": "titles", "query": "query titles { post(where: {draft: {_eq: false}}) { id title } }"}]}}],
         "rest_endpoints": [{"name": "titles", "url": "titles", "methods": ["GET"], "definition": {"query": {"collection_name": "mobile", "query_name": "titles"}}}]}
        """;

    [Theory]
    [InlineData("post.title", "Lists event trigger changed|Lists public.post/insert/user|Lists public.post/select/user|Includes public.post/select/editor|Query mobile/titles|View public.recent")]
    [InlineData("public.post.author_id", "Filter public.post/select/user|ForeignKey public.post.post_author_id_fkey|Includes public.post/select/editor|Lists public.post/insert/user|Relationship public.author.posts|Relationship public.post.author")]
    [InlineData("author.posts", "Filter public.author/select/user")]
    [InlineData("shout", "Calls public.author.loud|Query counts")]
    [InlineData("posts_of", "Query counts")]
    [InlineData("author.name", "Lists public.author/select/user|Relationship counts")]
    [InlineData("recent.title", "Query recent_posts")]
    [InlineData("recent", "Query recent_posts|Query recent_posts")]
    [InlineData("count", "Returns counts")]
    [InlineData("author.loud", "Lists public.author/select/user")]
    [InlineData("mood", "Type public.author.feeling")]
    [InlineData("post.views", "Includes public.post/select/editor|Preset public.post/insert/user")]
    [InlineData("mobile/titles", "Endpoint titles")]
    [InlineData("post.draft", "Filter public.author/select/user|Filter public.post/select/user|Includes public.post/select/editor|Query mobile/titles|View public.recent")]
    public async Task Dependents_are_found_with_their_relation(string name, string expected)
    {
        await using var database = await MakeAsync();
        var found = (await ModelAsync(database)).FindDependencies([name], null, DependencyDirection.Dependents, isRecursive: false);

        Assert.Equal(expected.Replace("event trigger ", "public.post.", StringComparison.Ordinal).Split('|').Order(StringComparer.Ordinal), found.Select(d => $"{d.Relation} {d.Name}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Dependencies_go_the_other_way_and_over_many_edges()
    {
        await using var database = await MakeAsync();
        var model = await ModelAsync(database);

        var direct = model.FindDependencies(["author/select/user"], DependencyObjectKind.Permission, DependencyDirection.Dependencies, isRecursive: false);
        Assert.Equal(["public.author", "public.author.id", "public.author.loud", "public.author.name", "public.author.posts", "public.post.draft", "user"], direct.Select(d => d.Name).Distinct().Order(StringComparer.Ordinal));
        var far = model.FindDependencies(["author.id"], null, DependencyDirection.Dependents, isRecursive: true);
        var relationship = Assert.Single(far, d => d.Name == "public.author.posts");
        Assert.Equal((2, "public.post.post_author_id_fkey"), (relationship.Depth, Assert.Single(relationship.Through)));
        var missing = Assert.Throws<HasuraMigrationException>(() => model.FindDependencies(["autor"], null, DependencyDirection.Dependents, false));
        Assert.Equal(("DependencyObjectNotFound", true), (missing.ErrorId, missing.RecommendedAction!.Contains("public.author", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Places_are_those_of_the_files()
    {
        await using var database = await MakeAsync();
        using var project = new TestProject(3);
        var path = Path.Combine(project.Directory, "metadata.json");
        await File.WriteAllTextAsync(path, JsonNode.Parse(Metadata)!.ToJsonString(new() { WriteIndented = true }), TestContext.Current.CancellationToken);
        var lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        var model = await MetadataModel.ReadAsync(MetadataFiles.Read(path).Document, Databases(database), withLinks: true, CancellationToken.None);

        var preset = Assert.Single(model.FindDependencies(["post.views"], null, DependencyDirection.Dependents, false), d => d.Relation == DependencyKind.Preset);
        Assert.Equal(path, preset.File);
        Assert.Contains("\"views\": 0", lines[preset.Line!.Value - 1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DROP TABLE recent2", "ImpactNotMeasured")]
    [InlineData("SELECT 1 / 0", "ImpactNotMeasured")]
    public async Task A_statement_that_fails_is_named(string sql, string id)
    {
        await using var database = await MakeAsync();
        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => Measurer(database).MeasureAsync($"SELECT 1;\n\n{sql};", "/p/up.sql", CancellationToken.None));

        Assert.Equal((id, "/p/up.sql", 3), (error.ErrorId, error.File, error.Line));
    }

    [Theory]
    [InlineData("ALTER TABLE post DROP COLUMN views", "Breaks  public.post/insert/user|Loses admin post.views select, insert, update|Loses editor post.views select|Loses user post insert")]
    [InlineData("ALTER TABLE post RENAME COLUMN views TO seen", "Breaks  public.post/insert/user|Loses user post insert|Renames admin post.views select, insert, update|Renames editor post.views select")]
    [InlineData("ALTER TABLE post ADD COLUMN secret text", "Widens editor post.secret select")]
    [InlineData("ALTER TABLE post ALTER COLUMN views TYPE bigint", "ChangesType admin post.views select, insert, update|ChangesType editor post.views select")]
    [InlineData("ALTER TABLE author ALTER COLUMN feeling SET NOT NULL", "ChangesType admin author.feeling select")]
    [InlineData("ALTER TABLE author DROP COLUMN feeling, ADD COLUMN feeling mood GENERATED ALWAYS AS ('ok'::mood) STORED", "Loses admin author.feeling insert, update")]
    [InlineData("ALTER TABLE author ALTER COLUMN name TYPE varchar(10)", "")]
    [InlineData("ALTER TABLE author ADD COLUMN age int", "")]
    [InlineData("CREATE INDEX ON post (title); COMMENT ON TABLE post IS 'x'; CREATE TABLE other (id int)", "")]
    [InlineData("BEGIN; ALTER TABLE post ADD COLUMN x int; ALTER TABLE post DROP COLUMN x; COMMIT", "")]
    public async Task A_change_is_told_for_each_role(string sql, string expected)
    {
        await using var database = await MakeAsync();
        var found = await Measurer(database).MeasureAsync(sql, null, CancellationToken.None);

        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), found.Select(Text).Order(StringComparer.Ordinal));
        Assert.All(found, i => Assert.StartsWith("ALTER TABLE", i.Statement, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_view_that_cannot_be_written_any_more_is_told()
    {
        await using var database = await MakeAsync();
        var lost = Assert.Single(await Measurer(database).MeasureAsync("CREATE OR REPLACE VIEW recent AS SELECT DISTINCT id, title FROM post WHERE NOT draft", null, CancellationToken.None));

        Assert.Equal("Loses admin recent insert, update, delete", Text(lost));
        Assert.Contains("the table 'public.recent' accepts other writes than before by 'CREATE OR REPLACE VIEW", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_permission_that_comes_into_effect_becomes_no_wider()
    {
        await using var database = await server.CreateDatabaseAsync();
        Assert.Empty(await Measurer(database).MeasureAsync(Schema, null, CancellationToken.None));
    }

    [Fact]
    public async Task A_query_that_stops_is_told_for_each_role()
    {
        await using var database = await MakeAsync();
        var found = await Measurer(database).MeasureAsync("ALTER TABLE post RENAME COLUMN title TO headline", null, CancellationToken.None);

        Assert.Contains(found, i => i is { Effect: ImpactEffect.Breaks, Kind: DependencyObjectKind.CollectionQuery, Name: "mobile/titles", Role: "admin" } && i.Message.Contains("REST endpoint 'titles'", StringComparison.Ordinal) && i.Message.Contains("Cannot query field 'title' on type 'post'", StringComparison.Ordinal));
        Assert.Contains(found, i => i is { Kind: DependencyObjectKind.CollectionQuery, Role: "editor" });
    }

    [Fact]
    public async Task The_statement_that_does_it_is_named()
    {
        await using var database = await MakeAsync();
        var found = await Measurer(database).MeasureAsync("-- first\nCREATE TABLE x (id int);\nALTER TABLE post DROP COLUMN views;\nDROP VIEW recent;", "/p/up.sql", CancellationToken.None);

        Assert.Equal(("ALTER TABLE post DROP COLUMN views", 3), (found.First(i => i.Name == "public.post/insert/user").Statement, found.First(i => i.Name == "public.post/insert/user").StatementLine));
        Assert.Equal(4, found.First(i => i is { Name: "public.recent", Effect: ImpactEffect.Breaks }).StatementLine);
    }

    [Theory]
    [InlineData("DROP VIEW recent; CREATE VIEW recent AS SELECT id FROM post;", "Loses", "DROP VIEW recent")]
    [InlineData("ALTER TABLE post ALTER COLUMN views TYPE bigint; ALTER TABLE post DROP COLUMN views;", "Loses", "ALTER TABLE post DROP COLUMN views")]
    [InlineData("ALTER TABLE post DROP COLUMN views; ALTER TABLE post ADD COLUMN views int; ALTER TABLE post ALTER COLUMN views TYPE bigint;", "ChangesType", "ALTER TABLE post ALTER COLUMN views TYPE bigint")]
    public async Task What_is_dropped_and_made_again_in_another_form_is_changed_by_the_first_of_both(string sql, string effect, string statement)
    {
        await using var database = await MakeAsync();
        var found = await Measurer(database).MeasureAsync(sql, null, CancellationToken.None);

        Assert.All(found.Where(i => $"{i.Effect}" == effect), i => Assert.Equal(statement, i.Statement));
        Assert.Contains(found, i => $"{i.Effect}" == effect);
    }

    [Fact]
    public async Task Each_function_of_a_name_is_dropped()
    {
        await using var database = await MakeAsync();
        await database.ExecuteAsync("CREATE FUNCTION shout(a text) RETURNS text LANGUAGE sql AS 'SELECT a'; CREATE SCHEMA \"o'dd\\\"; CREATE FUNCTION \"o'dd\\\".twice() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION \"o'dd\\\".twice(i int) RETURNS int LANGUAGE sql AS 'SELECT 1'");

        // A server cannot use a function of which there are two; a native query can.
        var broken = Assert.Single(await Measurer(database).MeasureDropAsync(["shout", "o'dd\\.twice"], CancellationToken.None));
        Assert.Equal(("counts", "DROP ROUTINE \"public\".\"shout\" CASCADE, for each function of the name"), (broken.Name, broken.Statement));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_proc WHERE proname IN ('twice', 'shout')"));
    }

    [Fact]
    public async Task Metadata_that_changes_too_is_what_is_compared()
    {
        await using var database = await MakeAsync();
        var after = JsonNode.Parse(Metadata.Replace("""{"set": {"views": 0}, """, "{", StringComparison.Ordinal).Replace("\"set\": {\"views\": 0}, ", "", StringComparison.Ordinal).Replace("""["id", "name"]""", """["id", "name", "feeling"]""", StringComparison.Ordinal))!.AsObject();
        var measurer = new ImpactMeasurer(Document(), "default", Databases(database)) { Result = new MetadataDocument(after) };
        var found = await measurer.MeasureAsync("ALTER TABLE post DROP COLUMN views", null, CancellationToken.None);

        Assert.DoesNotContain(found, i => i.Effect == ImpactEffect.Breaks);
        var meant = Assert.Single(found, i => i.Effect == ImpactEffect.Widens);
        Assert.Equal((FindingSeverity.Warning, "user", "author.feeling"), (meant.Severity, meant.Role, meant.Field));
    }

    [Theory]
    [InlineData("post.title", "ALTER TABLE")]
    [InlineData("recent", "DROP VIEW")]
    [InlineData("mood", "DROP TYPE")]
    [InlineData("posts_of", "DROP ROUTINE")]
    [InlineData("public.post.post_author_id_fkey", "ALTER TABLE")]
    public async Task A_thing_can_be_dropped_by_its_name(string name, string statement)
    {
        await using var database = await MakeAsync();
        var found = await Measurer(database).MeasureDropAsync([name], CancellationToken.None);

        Assert.NotEmpty(found);
        Assert.StartsWith(statement, found[0].Statement, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proposal_keeps_every_permission()
    {
        await using var database = await MakeAsync();
        var measurer = Measurer(database);
        _ = await measurer.MeasureAsync("ALTER TABLE post DROP COLUMN draft CASCADE; ALTER TABLE post DROP CONSTRAINT post_author_id_fkey; ALTER TABLE post RENAME COLUMN title TO headline; ALTER TABLE author RENAME TO writer; DROP FUNCTION posts_of", null, CancellationToken.None);
        var (document, left) = measurer.Propose();

        // Stored and native queries are text, which is not rewritten.
        Assert.All(left, f => Assert.Matches("\"mobile\"|'mobile'|native query \"(counts|recent_posts)\"", f.Message));
        var text = document.ToJson(isIndented: false);
        Assert.Contains("""{"name":"writer","schema":"public"}""", text, StringComparison.Ordinal);
        Assert.Contains("""{"columns":["id","headline"],"filter":{"_or":[{"author_id":{"_eq":"X-Hasura-User-Id"}}]}}""", text, StringComparison.Ordinal);
        Assert.Contains("""{"columns":["id","name"],"computed_fields":["loud"],"filter":{"_not":{}}}""", text, StringComparison.Ordinal);
        Assert.Contains("manual_configuration", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"functions\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Findings_tell_of_objects_and_of_sources_that_are_not_known()
    {
        await using var database = await MakeAsync();
        var broken = new MetadataDocument(JsonNode.Parse(Metadata.Replace("\"title\"]", "\"titel\"]", StringComparison.Ordinal).Replace("{ id title }", "{ id titel }", StringComparison.Ordinal))!.AsObject());
        var found = (await MetadataModel.ReadAsync(broken, Databases(database), withLinks: false, CancellationToken.None)).Findings();
        Assert.Equal(["MetadataObjectInconsistent", "StoredQueryInvalid"], found.Select(f => f.Id).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(found, f => f is { Id: "StoredQueryInvalid", Severity: FindingSeverity.Error } && f.Message.Contains("'titel'", StringComparison.Ordinal));

        var unknown = (await MetadataModel.ReadAsync(Document(), new Dictionary<string, HasuraConnection>(), withLinks: false, CancellationToken.None)).Findings();
        var finding = Assert.Single(unknown);
        Assert.Equal(("SourceNotChecked", FindingSeverity.Warning, "default"), (finding.Id, finding.Severity, finding.Database));
    }

    private static string Text(HasuraImpact impact) => impact.Field is null
        ? $"{impact.Effect}  {impact.Name}"
        : $"{impact.Effect} {impact.Role} {impact.Field} {string.Join(", ", impact.Operations)}";

    private static MetadataDocument Document() => new(JsonNode.Parse(Metadata)!.AsObject());

    private static Dictionary<string, HasuraConnection> Databases(TestDatabase database) => new() { ["default"] = PostgresConnectionString.Read(database.ConnectionString) };

    private static ImpactMeasurer Measurer(TestDatabase database) => new(Document(), "default", Databases(database));

    private static Task<MetadataModel> ModelAsync(TestDatabase database) => MetadataModel.ReadAsync(Document(), Databases(database), withLinks: true, CancellationToken.None);

    private async Task<TestDatabase> MakeAsync()
    {
        var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Schema);
        return database;
    }
}
