using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Rows of tables as seed files: what is run on an empty copy of the tables gives the same rows.</summary>
public sealed class SeedDumpTests(PostgresServer server)
{
    private const string Tables = """
        CREATE TABLE plain (id serial PRIMARY KEY, note text);
        CREATE TABLE always (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);
        CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day);
        CREATE TABLE parted_old PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
        CREATE TABLE parted_old_1 PARTITION OF parted_old FOR VALUES IN (1);
        CREATE TABLE parted_new PARTITION OF parted FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
        CREATE SCHEMA "Odd.Schema";
        CREATE TABLE "Odd.Schema"."Odd "" *name" ("select" int, "a b" text);
        CREATE VIEW seen AS SELECT * FROM plain;
        """;

    private const string Rows = """
        INSERT INTO plain (note) VALUES ('a'), (NULL), (E'x\n\n-- no comment\n\\restrict abc\nSET lock_timeout = 0;\n'), ('it''s; $1 \ end'), ('ä€😀');
        INSERT INTO always (n) VALUES (1), (2);
        INSERT INTO parted VALUES (1, '2020-05-05'), (2, '2021-05-05');
        INSERT INTO "Odd.Schema"."Odd "" *name" VALUES (1, 'x');
        """;

    private static readonly SeedTable[] Names = [new("public", "plain"), new("public", "always"), new("public", "parted"), SeedTable.Parse("\"Odd.Schema\".\"Odd \"\" *name\"")];

    public static TheoryData<HasuraApi?> Places => new() { (HasuraApi?)null, HasuraApi.V1, HasuraApi.V2 };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task The_file_makes_the_same_rows_elsewhere(HasuraApi? api)
    {
        await PostgresServer.NeedsDumpAsync();
        await using var place = await TargetPlace.OpenAsync(server, api);
        await place.Database.ExecuteAsync(Tables + Rows);
        await using var copy = await server.CreateDatabaseAsync();
        await copy.ExecuteAsync(Tables);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3);

        var (text, findings) = await DumpAsync(project, place, Names);
        project.Seed("1.sql", text);
        await project.SeedAsync(copy.ConnectionString);

        Assert.Empty(findings);
        foreach (var query in new[] { "plain", "always", "parted", "\"Odd.Schema\".\"Odd \"\" *name\"" })
        {
            var all = $"SELECT json_agg(t ORDER BY t::text)::text FROM {query} t";
            Assert.Equal(await place.Database.ScalarAsync<string>(all), await copy.ScalarAsync<string>(all));
        }

        Assert.Equal(6, await copy.ScalarAsync<long>("SELECT nextval('plain_id_seq')"));
        Assert.DoesNotContain("row_security", text);
        Assert.DoesNotContain("set_config", text);
        Assert.StartsWith("INSERT INTO ", text);
        Assert.Equal(["INSERT INTO public.parted (id, day) VALUES (1, '2020-05-05');", "INSERT INTO public.parted (id, day) VALUES (2, '2021-05-05');"], text.Split('\n').Where(l => l.Contains("public.parted", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task A_plain_dump_is_what_Hasuras_CLI_stores_without_what_it_damages()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2);
        await place.Database.ExecuteAsync("CREATE TABLE t (id int, note text); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        using var project = new TestProject();

        var (text, _) = await DumpAsync(project, place, [new("public", "t")]);

        Assert.Equal("INSERT INTO public.t (id, note) VALUES (1, 'a');\nINSERT INTO public.t (id, note) VALUES (2, 'b');\n", text);
        var request = Assert.Single(place.Host!.Requests, r => r.Path.Contains("pg_dump"));
        Assert.Equal("""{"opts":["--no-owner","--no-acl","--data-only","--column-inserts","--table","\"public\".\"t\""],"clean_output":false,"source":"default"}""", request.Body);
    }

    [Theory]
    [InlineData("nope", "SeedTableNotFound")]
    [InlineData("PLAIN", "SeedTableNotFound")]
    [InlineData("seen", "SeedTableInvalid")]
    [InlineData("plain_id_seq", "SeedTableInvalid")]
    public async Task A_name_that_is_no_table_with_rows_is_an_error(string name, string id)
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        await place.Database.ExecuteAsync(Tables);
        using var project = new TestProject();

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => DumpAsync(project, place, [new("public", "plain"), SeedTable.Parse(name)]));

        Assert.Equal(id, error.ErrorId);
    }

    [Fact]
    public async Task Tables_without_rows_are_told()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var place = await TargetPlace.OpenAsync(server, null);
        await place.Database.ExecuteAsync("CREATE TABLE t (id serial)");
        using var project = new TestProject();

        var (text, findings) = await DumpAsync(project, place, [new("public", "t")]);

        Assert.Equal("SELECT pg_catalog.setval('public.t_id_seq', 1, false);\n", text);
        Assert.Equal("SeedEmpty", Assert.Single(findings).Id);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(HasuraApi.V2)]
    public async Task What_the_program_says_is_in_the_error(HasuraApi? api)
    {
        await PostgresServer.NeedsDumpAsync();
        await using var place = await TargetPlace.OpenAsync(server, api);
        await place.Database.ExecuteAsync("CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        using var project = new TestProject();
        await using ISeedTarget target = place.Host is { } host ? project.Target(host) : new PostgresMigrationTarget(PostgresConnectionString.Read(place.Database.ConnectionString), null, "default", 3);

        var error = await Assert.ThrowsAnyAsync<HasuraMigrationException>(() => target.DumpAsync(["--no-such-option"], TestContext.Current.CancellationToken));

        Assert.Equal("DumpFailed", error.ErrorId);
        Assert.Contains("no-such-option", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task A_program_that_is_older_than_the_server_is_an_error_with_advice()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var newer = LookalikeServer.Start("PostgreSQL 99.1 on x86_64-pc-linux-gnu", ("server_version", "99.1"));
        await using var target = new PostgresMigrationTarget(PostgresConnectionString.Read(newer.ConnectionString), null, "default", 3);

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => target.DumpAsync([], TestContext.Current.CancellationToken));

        Assert.Equal("DumpProgramMissing", error.ErrorId);
        Assert.Contains("is PostgreSQL 99.", error.Message);
        Assert.Contains("Install the client programs of PostgreSQL 99 or newer", error.RecommendedAction);
    }

    private static async Task<(string Text, IReadOnlyList<Finding> Findings)> DumpAsync(TestProject project, TargetPlace place, SeedTable[] tables)
    {
        await using ISeedTarget target = place.Host is { } host ? project.Target(host) : new PostgresMigrationTarget(PostgresConnectionString.Read(place.Database.ConnectionString), null, "default", 3);
        return await new SeedDump(target, "default").CreateAsync(tables, TestContext.Current.CancellationToken);
    }
}
