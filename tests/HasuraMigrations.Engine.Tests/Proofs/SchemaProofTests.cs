using System.Globalization;
using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Proofs;

/// <summary>A migration made of a database creates its schema, or the proof says why not.</summary>
public sealed class SchemaProofTests(PostgresServer server)
{
    private const string Objects = """
        CREATE EXTENSION citext;
        CREATE SCHEMA app;
        CREATE SCHEMA hdb_catalog;
        CREATE TYPE app.mood AS ENUM ('sad', 'ok');
        CREATE DOMAIN app.pos AS int CHECK (VALUE > 0);
        CREATE TABLE app.users (id uuid PRIMARY KEY, name citext NOT NULL, m app.mood, p app.pos, total numeric GENERATED ALWAYS AS (1 + 1) STORED);
        CREATE TABLE post (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author uuid REFERENCES app.users, body text DEFAULT E'a\n-- no comment\n\\restrict x', number serial);
        CREATE INDEX ON post (author) WHERE body IS NOT NULL;
        CREATE FUNCTION app.f(a int) RETURNS int LANGUAGE plpgsql AS $$
        BEGIN
          -- inside

          PERFORM 1 FROM public.v;
          RETURN a;
        END $$;
        CREATE VIEW v AS SELECT u.name, p.body FROM app.users u JOIN post p ON p.author = u.id;
        CREATE MATERIALIZED VIEW mv AS SELECT count(*) c FROM v;
        CREATE FUNCTION hdb_catalog.notify() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER "notify_hasura_e_INSERT" AFTER INSERT ON post FOR EACH ROW EXECUTE FUNCTION hdb_catalog.notify();
        CREATE TABLE part (id int, at date) PARTITION BY RANGE (at);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        COMMENT ON TABLE post IS 'has ; and '' quotes';
        CREATE RULE r AS ON INSERT TO v DO INSTEAD NOTHING;
        ALTER TABLE post ENABLE ROW LEVEL SECURITY;
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_with_everything_is_reproduced_with_roles_that_exist_nowhere_else()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var database = await server.CreateDatabaseAsync();
        var role = $"odd \"{database.Name}";
        await database.ExecuteAsync($"{Objects}\nCREATE ROLE {Quote(role)}; CREATE POLICY mine ON post FOR SELECT TO {Quote(role)} USING (true);");
        try
        {
            await using var target = Straight(database);

            var schema = await ProveAsync(target, SchemaSelection.All);

            Assert.Contains(schema.Statements, s => s.StartsWith("CREATE POLICY mine", StringComparison.Ordinal));
            Assert.DoesNotContain("hdb_catalog", schema.Text);
        }
        finally
        {
            await database.ExecuteAsync($"DROP POLICY mine ON post; DROP ROLE {Quote(role)}");
        }
    }

    [Fact]
    public async Task Functions_of_the_database_run_without_the_rights_of_a_superuser()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var database = await server.CreateDatabaseAsync();
        // The trigger of the login is of version 17; the other one would be called by what the superuser creates behind it.
        var login = int.Parse(await database.ScalarAsync<string>("SHOW server_version_num") ?? "0", CultureInfo.InvariantCulture) >= 170000 ? "CREATE EVENT TRIGGER l ON login EXECUTE FUNCTION spy.on_event();" : "";
        await database.ExecuteAsync($"""
            CREATE SCHEMA spy;
            CREATE FUNCTION spy.look() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
            BEGIN
              IF current_database() <> '{database.Name}' AND current_setting('is_superuser') = 'on' THEN RAISE EXCEPTION 'called by a superuser'; END IF;
              RETURN 1;
            END $$;
            CREATE FUNCTION spy.on_event() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM spy.look(); END';
            CREATE FUNCTION spy.same(name, name) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT spy.look() = 1';
            CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = spy.same);
            CREATE TABLE spy.t (i int DEFAULT spy.look());
            CREATE INDEX ON spy.t ((spy.look()));
            CREATE MATERIALIZED VIEW spy.m AS SELECT spy.look();
            CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION spy.on_event();
            {login}
            CREATE PUBLICATION p FOR ALL TABLES;
            """);
        await using var target = Straight(database);

        var schema = await ProveAsync(target, SchemaSelection.All);

        Assert.Contains(schema.Statements, s => s.StartsWith("CREATE EVENT TRIGGER e", StringComparison.Ordinal));
        Assert.Contains(schema.Statements, s => s.StartsWith("CREATE PUBLICATION p", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_only_a_superuser_may_create_in_a_schema_is_not_proven()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE FUNCTION leaky() RETURNS int LANGUAGE internal AS 'pg_backend_pid'");
        await using var target = Straight(database);

        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() => ProveAsync(target, SchemaSelection.All));

        Assert.Equal("SchemaNotProven", failure.ErrorId);
        Assert.Contains("no rights of a superuser", failure.Message);
        Assert.Contains("CREATE FUNCTION public.leaky()", failure.Message);
    }

    [Fact]
    public async Task Servers_of_foreign_data_come_without_the_passwords_of_their_users()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE EXTENSION postgres_fdw;
            CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'away.example');
            CREATE USER MAPPING FOR PUBLIC SERVER away OPTIONS (user 'u', password 'a secret');
            CREATE FOREIGN TABLE far (i int) SERVER away;
            """);
        await using var target = Straight(database);

        var schema = await ProveAsync(target, SchemaSelection.All);

        Assert.Contains("CREATE FOREIGN TABLE public.far", schema.Text);
        Assert.DoesNotContain("secret", schema.Text);
    }

    [Fact]
    public async Task One_schema_comes_with_the_extensions_that_it_uses()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects);
        await using var target = Straight(database);

        var schema = await ProveAsync(target, new SchemaSelection(["app"], []));

        Assert.Equal("CREATE SCHEMA app", schema.Statements[0]);
        Assert.Equal("CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public", schema.Statements[1]);
        Assert.DoesNotContain("post", schema.Text);
    }

    [Fact]
    public async Task A_schema_that_refers_to_another_is_refused_with_the_statement()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects);
        await using var target = Straight(database);

        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() => ProveAsync(target, new SchemaSelection(["public"], [])));

        Assert.Equal("SchemaNotReproduced", failure.ErrorId);
        Assert.Contains("relation \"app.users\" does not exist", failure.Message);
        Assert.Contains("CREATE VIEW public.v", failure.Message);
        Assert.DoesNotContain("hasura-proof", failure.Message);
    }

    [Fact]
    public async Task A_text_that_creates_something_else_is_refused_with_the_difference()
    {
        await PostgresServer.NeedsDumpAsync();
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (i int); CREATE TABLE b (i int)");
        await using var target = Straight(database);
        var schema = await new SchemaDump(target).ReadAsync(SchemaSelection.All, Token);

        var other = SchemaText.Of(schema.Text.Replace("CREATE TABLE public.b (\n    i integer\n)", "CREATE TABLE IF NOT EXISTS public.a (\n    i text\n)", StringComparison.Ordinal));
        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() => new SchemaProof(false, _ => { }).ProveAsync(other, SchemaSelection.All, Token));

        Assert.Equal("SchemaNotReproduced", failure.ErrorId);
        Assert.Contains("Not created: 'CREATE TABLE IF NOT EXISTS public.a (", failure.Message);
    }

    [Theory]
    [InlineData(HasuraApi.V1)]
    [InlineData(HasuraApi.V2)]
    public async Task The_same_is_read_through_a_server(HasuraApi api)
    {
        await PostgresServer.NeedsDumpAsync();
        await using var place = await TargetPlace.OpenAsync(server, api);
        await place.Database.ExecuteAsync("CREATE TABLE post (id int PRIMARY KEY); COMMENT ON TABLE post IS E'a\n\n-- b';");
        await using var straight = Straight(place.Database);
        await using var target = new ServerMigrationTarget(new HasuraServerConnection(place.Host!.Endpoint.AbsoluteUri), "default", api == HasuraApi.V1 ? 2 : 3);

        var schema = await ProveAsync(target, SchemaSelection.All);

        Assert.Equal((await new SchemaDump(straight).ReadAsync(SchemaSelection.All, Token)).Statements, schema.Statements);
        Assert.Contains("'a\n\n-- b'", schema.Text);
    }

    private static async Task<SchemaText> ProveAsync(IDumpTarget target, SchemaSelection selection)
    {
        var schema = await new SchemaDump(target).ReadAsync(selection, Token);
        await new SchemaProof(allowDownload: false, _ => { }).ProveAsync(schema, selection, Token);
        return schema;
    }

    private static PostgresMigrationTarget Straight(TestDatabase database) => new(PostgresConnectionString.Read(database.ConnectionString), null, "default", 2);

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
