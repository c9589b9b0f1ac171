using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;
using static HasuraMigrations.Engine.Tests.Support.HasuraServers;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>The server that other tests stand on answers as Hasura does.</summary>
public sealed class TestServerTests(PostgresServer server)
{
    private const string Query = "/v1/query";
    private const string Sql = "/v2/query";
    private const string Metadata = "/v1/metadata";
    private const string Success = """{"message":"success"}""";
    private const string Done = """{"result_type":"CommandOk","result":null}""";
    private const string Sourced = """{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"name":"t","schema":"public"}}],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"},"isolation_level":"read-committed","use_prepared_statements":false}}}]}""";

    [Theory]
    [InlineData(HasuraApi.V1, "v1.3.3")]
    [InlineData(HasuraApi.V2, "v2.48.16")]
    public async Task Tells_its_version_health_and_settings(HasuraApi api, string version)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(api);

        Assert.Equal((200, $$"""{"version":"{{version}}"}"""), Short(await host.GetAsync("/v1/version")));
        Assert.Equal((200, "OK"), Short(await host.GetAsync("/healthz")));
        Assert.Equal(version, JsonNode.Parse((await host.GetAsync("/v1alpha1/config")).Body)!["version"]!.ToString());
        Assert.Equal((404, """{"path":"$","error":"resource does not exist","code":"not-found"}"""), await host.PostAsync("/v1/nothing", "{}"));
    }

    [Theory]
    [InlineData("SELECT 1 AS a, true AS b, NULL AS c, '2020-01-02'::date AS d", """{"result_type":"TuplesOk","result":[["a","b","c","d"],["1","t","NULL","2020-01-02"]]}""")]
    [InlineData("SELECT 1; CREATE TABLE a (id int)", Done)]
    [InlineData("CREATE TABLE a (id int); SELECT 1 WHERE false", """{"result_type":"TuplesOk","result":[["?column?"]]}""")]
    [InlineData("SELECT 'é', relacl FROM pg_class WHERE relname = 'pg_class'", """{"result_type":"TuplesOk","result":[["?column?","relacl"],["\u00E9","{postgres=arwdDxtm/postgres,=r/postgres}"]]}""")]
    public async Task Sql_answers_what_the_last_statement_returns(string sql, string expected)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var two = await database.ServeAsync();
        var answer = await two.PostAsync(Sql, RunSql(sql));

        // Rights are shown as the server's version has them.
        Assert.Equal((200, expected), sql.Contains("relacl") ? (answer.Status, System.Text.RegularExpressions.Regex.Replace(answer.Body, "=arwdDxtm?/", "=arwdDxtm/")) : answer);
    }

    [Fact]
    public async Task Sql_errors_have_Hasuras_shape_and_roll_back()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();

        var (status, body) = await host.PostAsync(Sql, RunSql("CREATE TABLE a (id int); SELECT * FROM nowhere"));

        Assert.Equal(400, status);
        Assert.Equal("""{"path":"$","error":"query execution failed","code":"postgres-error","internal":{"statement":"CREATE TABLE a (id int); SELECT * FROM nowhere","prepared":false,"arguments":[],"error":{"exec_status":"FatalError","status_code":"42P01","message":"relation \u0022nowhere\u0022 does not exist","description":null,"hint":null}}}""", body);
        Assert.Null(await database.ScalarAsync<string>("SELECT to_regclass('a')::text"));
        Assert.Contains("\"path\":\"$.args\"", (await host.PostAsync(Query, RunSql("SELECT 1/0"))).Body);
        Assert.Contains("42P02", (await host.PostAsync(Sql, RunSql("SELECT $1"))).Body);
        Assert.Contains("\"path\":\"$[1]\"", (await host.PostAsync(Sql, $$"""{"type":"bulk","args":[{{RunSql("SELECT 1")}},{{RunSql("SELECT 1/0")}}]}""")).Body);
        Assert.Contains("25006", (await host.PostAsync(Sql, RunSql("CREATE TABLE a (id int)", ",\"read_only\":true"))).Body);
        Assert.Contains("CopyIn", (await host.PostAsync(Sql, RunSql("CREATE TABLE c (id int); COPY c FROM STDIN"))).Body);
        Assert.Equal((400, """{"path":"$","error":"source with name \u0022x\u0022 does not exist","code":"not-exists"}"""), await host.PostAsync(Sql, RunSql("SELECT 1", ",\"source\":\"x\"")));
        Assert.Equal((200, Done), await host.PostAsync(Sql, RunSql("CREATE TABLE b (id int); CREATE INDEX CONCURRENTLY i ON b (id)", ",\"no_transaction\":true")));
    }

    [Fact]
    public async Task Sources_have_databases_and_kinds_of_their_own()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var other = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(change: o => o with { Sources = new Dictionary<string, string> { ["other"] = other.ConnectionString }, Kinds = new Dictionary<string, string> { ["other"] = "citus" } });
        var create = RunSql("CREATE TABLE a (id int)", ",\"source\":\"other\"");

        Assert.Contains("is inconsistent", (await host.PostAsync(Sql, create)).Body);
        Assert.Equal((200, Done), await host.PostAsync(Sql, create.Replace("run_sql", "citus_run_sql")));

        Assert.Equal("a", await other.ScalarAsync<string>("SELECT to_regclass('a')::text"));
        Assert.Null(await database.ScalarAsync<string>("SELECT to_regclass('a')::text"));
        Assert.Contains("\"kind\":\"citus\"", (await host.PostAsync(Query, """{"type":"export_metadata","args":{}}""")).Body);
    }

    [Fact]
    public async Task Settings_of_a_session_outlive_the_request_as_they_do_in_a_pool()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();

        await host.PostAsync(Sql, RunSql("SET search_path = elsewhere"));

        Assert.Contains("[\"elsewhere\"]", (await host.PostAsync(Sql, RunSql("SHOW search_path"))).Body);
    }

    [Fact]
    public async Task A_bulk_of_version_1_is_one_transaction_and_of_version_2_is_none()
    {
        var bulk = $$"""{"type":"bulk","args":[{{RunSql("CREATE TABLE a (id int)")}},{"type":"bulk","args":[{{RunSql("SELECT 1/0")}}]}]}""";
        await using var first = await server.CreateDatabaseAsync();
        await using var one = await first.ServeAsync(HasuraApi.V1);
        await using var second = await server.CreateDatabaseAsync();
        await using var two = await second.ServeAsync();

        Assert.Contains("\"path\":\"$.args[1].args[0].args\"", (await one.PostAsync(Query, bulk)).Body);
        Assert.Null(await first.ScalarAsync<string>("SELECT to_regclass('a')::text"));
        Assert.Contains("\"path\":\"$[1][0]\"", (await two.PostAsync(Sql, bulk)).Body);
        Assert.Equal("a", await second.ScalarAsync<string>("SELECT to_regclass('a')::text"));

        var mixed = await one.PostAsync(Query, $$"""{"type":"bulk","args":[{{RunSql("SELECT 1")}},{{RunSql("SELECT 1", ",\"read_only\":true")}}]}""");
        Assert.Contains("incompatible access mode requirements in bulk query, expected access mode: READ WRITE but $.args[1] forces READ ONLY", mixed.Body);
        Assert.Equal((200, $"[{Done},{Success}]"), await one.PostAsync(Query, $$$"""{"type":"bulk","args":[{{{RunSql("CREATE TABLE t (id int)")}}},{"type":"replace_metadata","args":{"version":2,"tables":[{"table":"t"}]}}]}"""));
        Assert.Equal((200, """{"version":2,"tables":[{"table":{"schema":"public","name":"t"}}]}"""), await one.PostAsync(Query, """{"type":"export_metadata","args":{}}"""));
    }

    [Fact]
    public async Task Of_two_writers_of_a_version_one_is_told_of_a_conflict()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();
        var version = await VersionAsync(host);
        await database.ExecuteAsync("CREATE TABLE t (id int)");

        Assert.Equal((200, """{"is_consistent":true,"inconsistent_objects":[]}"""), await host.PostAsync(Metadata, Replace(Sourced, version)));
        Assert.Equal((409, $$"""{"path":"$","error":"metadata resource version referenced ({{version}}) did not match current version","code":"conflict"}"""), await host.PostAsync(Metadata, Replace(Sourced, version)));
        Assert.Equal(version + 1, await VersionAsync(host));
        Assert.Equal((200, $$$"""{"resource_version":{{{version + 1}}},"metadata":{{{Sourced}}}}"""), await host.PostAsync(Metadata, """{"type":"export_metadata","version":2,"args":{}}"""));
        Assert.Equal((200, Sourced), await host.PostAsync(Query, """{"type":"export_metadata","args":{}}"""));
    }

    [Fact]
    public async Task Metadata_that_does_not_fit_is_refused_or_told_of()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();
        const string missing = """[{"definition":{"schema":"public","name":"t"},"reason":"Inconsistent object: no such table/view exists in source: \u0022t\u0022","type":"table","name":"table t in source default"}]""";

        Assert.Equal((400, $$"""{"path":"$.args","error":"cannot continue due to inconsistent metadata","code":"unexpected","internal":{{missing}}}"""), await host.PostAsync(Metadata, Replace(Sourced, null, isAllowed: false)));
        Assert.Equal((200, $$"""{"is_consistent":false,"inconsistent_objects":{{missing}}}"""), await host.PostAsync(Metadata, Replace(Sourced)));
        Assert.Equal((200, "WARN: inconsistent objects in schema"), Short(await host.GetAsync("/healthz")));
        Assert.Equal(500, (await host.GetAsync("/healthz?strict=true")).Status);
        Assert.Equal((200, $$"""{"message":"success","is_consistent":false,"inconsistent_objects":{{missing}}}"""), await host.PostAsync(Metadata, """{"type":"reload_metadata","args":{}}"""));
        Assert.Equal((200, Success), await host.PostAsync(Metadata, """{"type":"drop_inconsistent_metadata","args":{}}"""));
        Assert.Equal((200, """{"is_consistent":true,"inconsistent_objects":[]}"""), await host.PostAsync(Metadata, """{"type":"get_inconsistent_metadata","args":{}}"""));
        Assert.Equal((200, Success), await host.PostAsync(Metadata, """{"type":"clear_metadata","args":{}}"""));
        Assert.Contains("Source with name \\u0022x\\u0022 not found in metadata", (await host.PostAsync(Metadata, """{"type":"reload_metadata","args":{"reload_sources":["x"]}}""")).Body);
    }

    [Fact]
    public async Task Tables_that_checked_sql_drops_are_tracked_no_more()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();
        await host.PostAsync(Sql, RunSql("CREATE TABLE t (id int)"));
        await host.PostAsync(Metadata, Replace(Sourced));
        var version = await VersionAsync(host);

        await host.PostAsync(Sql, RunSql("DROP TABLE t", ",\"check_metadata_consistency\":false"));
        Assert.Equal(version, await VersionAsync(host));
        await host.PostAsync(Sql, RunSql("CREATE TABLE t (id int)"));
        await host.PostAsync(Sql, RunSql("DROP TABLE t"));

        Assert.Equal(version + 1, await VersionAsync(host));
        Assert.Contains("\"tables\":[]", (await host.PostAsync(Query, """{"type":"export_metadata","args":{}}""")).Body);
    }

    [Fact]
    public async Task State_of_clients_is_replaced_whole()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();

        Assert.Equal((200, Success), await host.PostAsync(Metadata, """{"type":"set_catalog_state","args":{"type":"cli","state":{"migrations":{"default":{"1":false}}}}}"""));

        Assert.Contains("\"cli_state\":{\"migrations\":{\"default\":{\"1\":false}}},\"console_state\":{}}", (await host.PostAsync(Metadata, """{"type":"get_catalog_state","args":{}}""")).Body);
        Assert.Equal(400, (await host.PostAsync(Metadata, """{"type":"set_catalog_state","args":{"type":"x","state":{}}}""")).Status);
    }

    [Theory]
    [InlineData(HasuraApi.V1, "invalid x-hasura-admin-secret/x-hasura-access-key", "x-hasura-admin-secret/x-hasura-access-key required, but not found")]
    [InlineData(HasuraApi.V2, "invalid \\u0022x-hasura-admin-secret\\u0022/\\u0022x-hasura-access-key\\u0022", "\\u0022x-hasura-admin-secret\\u0022/\\u0022x-hasura-access-key\\u0022 required, but not found")]
    public async Task Only_the_admin_gets_in(HasuraApi api, string invalid, string required)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(api, o => o with { AdminSecret = "open sesame" });
        const string export = """{"type":"export_metadata","args":{}}""";

        Assert.Equal((401, $$"""{"path":"$","error":"{{required}}","code":"access-denied"}"""), await host.PostAsync(Query, export));
        Assert.Equal((401, $$"""{"path":"$","error":"{{invalid}}","code":"access-denied"}"""), await host.PostAsync(Query, export, "X-Hasura-Admin-Secret: wrong"));
        Assert.Equal((400, """{"path":"$.args","error":"restricted access : admin only","code":"access-denied"}"""), await host.PostAsync(Query, export, "X-Hasura-Admin-Secret: open sesame", "X-Hasura-Role: user"));
        Assert.Equal(200, (await host.PostAsync(Query, export, "X-Hasura-Access-Key: open sesame")).Status);
        Assert.Equal(200, (await host.GetAsync("/v1/version")).Status);
    }

    [Theory]
    [InlineData("no json", "invalid-json", "$")]
    [InlineData("[]", "parse-failed", "$")]
    [InlineData("""{"type":"foo","args":{}}""", "parse-failed", "$")]
    [InlineData("""{"type":"run_sql","args":{}}""", "parse-failed", "$")]
    [InlineData("""{"type":"run_sql","version":3,"args":{}}""", "parse-failed", "$.version")]
    public async Task Bodies_of_another_shape_are_refused(string body, string code, string path)
    {
        foreach (var api in new[] { HasuraApi.V1, HasuraApi.V2 })
        {
            await using var catalog = await server.CreateDatabaseAsync();
            await using var host = await catalog.ServeAsync(api);
            var (status, answer) = await host.PostAsync(Query, body);
            Assert.Equal((400, code, path), (status, JsonNode.Parse(answer)!["code"]!.ToString(), JsonNode.Parse(answer)!["path"]!.ToString()));
        }
    }

    [Theory]
    [InlineData(HasuraApi.V1, false)]
    [InlineData(HasuraApi.V2, true)]
    public async Task Dumps_through_the_real_program(HasuraApi api, bool keepsBodies)
    {
        const string opts = """{"opts":["-O","-x","--schema-only","--schema","public"],"clean_output":true""";
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE dumped (id int)");
        await using var host = await database.ServeAsync(api);
        await database.ExecuteAsync($"""
            CREATE SCHEMA IF NOT EXISTS hdb_views;
            CREATE FUNCTION {(api == HasuraApi.V1 ? "hdb_views" : "hdb_catalog")}."notify_hasura_e_INSERT"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER "notify_hasura_e_INSERT" AFTER INSERT ON dumped FOR EACH ROW EXECUTE PROCEDURE {(api == HasuraApi.V1 ? "hdb_views" : "hdb_catalog")}."notify_hasura_e_INSERT"();
            CREATE TRIGGER own AFTER UPDATE ON dumped FOR EACH ROW EXECUTE PROCEDURE {(api == HasuraApi.V1 ? "hdb_views" : "hdb_catalog")}."notify_hasura_e_INSERT"();
            """);

        var (status, dump) = await host.PostAsync("/v1alpha1/pg_dump", $"{opts}}}");
        Assert.SkipWhen(dump.Contains("no pg_dump"), dump);

        Assert.Equal(200, status);
        Assert.Contains("CREATE TABLE public.dumped (\n    id integer\n);\n", dump);
        Assert.Contains("CREATE TRIGGER own ", dump);
        Assert.DoesNotContain("CREATE TRIGGER \"notify_hasura", dump);
        Assert.DoesNotContain("SET statement_timeout", dump);
        Assert.Equal(keepsBodies, dump.Contains("SET check_function_bodies = false;\n", StringComparison.Ordinal));
        Assert.DoesNotContain("\n--", dump);
        Assert.Equal(500, (await host.PostAsync("/v1alpha1/pg_dump", """{"opts":["--no-such-option"]}""")).Status);
        Assert.True(api == HasuraApi.V1 || (await host.PostAsync("/v1alpha1/pg_dump", $"{opts},\"source\":\"x\"}}")) is (400, var refused) && refused.Contains("\"not-found\""));
    }

    [Fact]
    public async Task Requests_are_recorded_and_faults_happen_once_where_they_were_asked_for()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();
        var create = RunSql("CREATE TABLE a (id int)");

        host.FaultNext("504:after", "run_sql");
        Assert.Equal(200, (await host.GetAsync("/v1/version")).Status);
        var (status, page) = await host.PostAsync(Sql, create);
        Assert.Equal(504, status);
        Assert.StartsWith("<html>", page);
        Assert.Equal("a", await database.ScalarAsync<string>("SELECT to_regclass('a')::text"));
        Assert.Contains("42P07", (await host.PostAsync(Sql, create)).Body);

        Assert.Equal(502, (await host.PostAsync(Sql, RunSql("CREATE TABLE b (id int)"), "X-Test-Fault: 502:before")).Status);
        Assert.Equal(409, (await host.PostAsync(Sql, RunSql("CREATE TABLE b (id int)"), "X-Test-Fault: 409")).Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => host.PostAsync(Sql, RunSql("CREATE TABLE b (id int)"), "X-Test-Fault: drop:before"));
        Assert.Null(await database.ScalarAsync<string>("SELECT to_regclass('b')::text"));
        await Assert.ThrowsAsync<HttpRequestException>(() => host.PostAsync(Sql, RunSql("CREATE TABLE b (id int)"), "X-Test-Fault: truncate"));
        await Assert.ThrowsAsync<HttpRequestException>(() => host.PostAsync(Sql, RunSql("CREATE TABLE c (id int)"), "X-Test-Fault: drop:after"));
        Assert.Equal("b c", await database.ScalarAsync<string>("SELECT to_regclass('b') || ' ' || to_regclass('c')"));

        Assert.Equal(8, host.Requests.Count);
        Assert.Equal([null, .. Enumerable.Repeat("run_sql", 7)], host.Requests.Select(r => r.Type));
    }

    [Fact]
    public async Task Work_goes_on_behind_a_gateway_that_gave_up()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();

        Assert.Equal(504, (await host.PostAsync(Sql, RunSql("SELECT pg_sleep(2); CREATE TABLE a (id int)"), "X-Test-Fault: 504:during")).Status);

        Assert.Null(await database.ScalarAsync<string>("SELECT to_regclass('a')::text"));
        for (var i = 0; i < 100 && await database.ScalarAsync<string>("SELECT to_regclass('a')::text") is null; i++)
        {
            await Task.Delay(50);
        }

        Assert.Equal("a", await database.ScalarAsync<string>("SELECT to_regclass('a')::text"));
    }

    private static (int, string) Short((int Status, string Body, object? Type) answer) => (answer.Status, answer.Body);

    private static string Replace(string document, long? version = null, bool isAllowed = true) =>
        $$$"""{"type":"replace_metadata","version":2,{{{(version is null ? "" : $"\"resource_version\":{version},")}}}"args":{"allow_inconsistent_metadata":{{{(isAllowed ? "true" : "false")}}},"metadata":{{{document}}}}}""";

    private static async Task<long> VersionAsync(TestServerHost host) =>
        JsonNode.Parse((await host.PostAsync(Metadata, """{"type":"export_metadata","version":2,"args":{}}""")).Body)!["resource_version"]!.GetValue<long>();
}
