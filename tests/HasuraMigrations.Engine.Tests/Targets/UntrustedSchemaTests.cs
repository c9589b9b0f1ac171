using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Tables that would run code of others are not read and not written.</summary>
public sealed class UntrustedSchemaTests(PostgresServer server)
{
    private const string Function = "CREATE FUNCTION low.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''TRAP''; END'; CREATE FUNCTION low.g(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''TRAP''; END'; CREATE FUNCTION low.h() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''TRAP''; END'; ";

    [Fact]
    [Trait("Case", "13")]
    public async Task A_history_of_others_is_refused_whoever_asks()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2);
        await using var low = await LowRole.MakeAsync(place.Database);
        using var project = new TestProject().Add(1, "SELECT 1;").Seed("1.sql", "SELECT 1;");
        await place.RunAsync(project);
        var own = SqlResource.CreateHistorySchema + SqlResource.CreateHistory + SqlResource.CreateFiles(FileKind.Seed) + SqlResource.CreateFiles(FileKind.Repeatable);
        foreach (var (change, reason) in new[]
        {
            ($"ALTER SCHEMA hasura_migrations OWNER TO {low.Name}", "the schema belongs to role"),
            ($"ALTER TABLE hasura_migrations.history OWNER TO {low.Name}", "hasura_migrations.history belongs to role"),
            ($"ALTER TABLE hasura_migrations.log OWNER TO {low.Name}", "hasura_migrations.log belongs to role"),
            ($"ALTER TABLE hasura_migrations.seed OWNER TO {low.Name}", "hasura_migrations.seed belongs to role"),
            ($"ALTER TABLE hasura_migrations.repeatable OWNER TO {low.Name}", "hasura_migrations.repeatable belongs to role"),
            ("CREATE TRIGGER z BEFORE INSERT ON hasura_migrations.seed FOR EACH ROW EXECUTE FUNCTION low.f()", "has the trigger z"),
            ("CREATE TRIGGER x BEFORE INSERT OR UPDATE ON hasura_migrations.history FOR EACH ROW EXECUTE FUNCTION low.f()", "has the trigger x"),
            ("CREATE TRIGGER y BEFORE INSERT ON hasura_migrations.log FOR EACH ROW EXECUTE FUNCTION low.f()", "has the trigger y"),
            ("CREATE RULE r AS ON INSERT TO hasura_migrations.log DO ALSO SELECT low.h()", "has a rule"),
            ("ALTER TABLE hasura_migrations.history ENABLE ROW LEVEL SECURITY", "has row security"),
            ("CREATE TABLE low.child () INHERITS (hasura_migrations.history)", "has a parent or a child"),
            ("ALTER TABLE hasura_migrations.history ALTER mirror_kind SET DEFAULT low.g('a')", "runs the function g of role"),
            ("ALTER TABLE hasura_migrations.history ADD CHECK (low.g(name) IS NOT NULL)", "runs the function g of role"),
            ("CREATE INDEX ON hasura_migrations.log (low.g(name)) WHERE false", "runs the function g of role"),
            ("ALTER TABLE hasura_migrations.history RENAME TO hidden; CREATE VIEW hasura_migrations.history AS SELECT * FROM hasura_migrations.hidden WHERE low.h(); COMMENT ON VIEW hasura_migrations.history IS 'hasura-migrations format 1'", "hasura_migrations.history is no plain table"),
        })
        {
            await place.Database.ExecuteAsync($"DROP SCHEMA hasura_migrations CASCADE; {own} DROP SCHEMA low CASCADE; CREATE SCHEMA low; {Function} ALTER FUNCTION low.f() OWNER TO {low.Name}; ALTER FUNCTION low.g(text) OWNER TO {low.Name}; ALTER FUNCTION low.h() OWNER TO {low.Name}; {change}");
            await RefusedAsync("HistoryUntrusted", reason, () => place.StatusAsync(project));
            await RefusedAsync("HistoryUntrusted", reason, () => place.RunAsync(project));
            await RefusedAsync("HistoryUntrusted", reason, () => project.RunAsync(place.Database.ConnectionString));
            await RefusedAsync("HistoryUntrusted", reason, () => project.SeedAsync(place));
            await RefusedAsync("HistoryUntrusted", reason, () => project.SeedAsync(place.Database.ConnectionString));
            await using var target = project.Target(place.Database.ConnectionString);
            await RefusedAsync("HistoryUntrusted", reason, () => target.ReadLogAsync(1, CancellationToken.None));
            await RefusedAsync("HistoryUntrusted", reason, () => target.ReadStoredAsync(CancellationToken.None));
        }
    }

    [Fact]
    [Trait("Case", "13")]
    public async Task A_catalog_of_Hasura_with_code_of_others_is_refused()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var low = await LowRole.MakeAsync(database);
        using var project = new TestProject(2).Add(1, "SELECT 1;");
        await project.RunAsync(database.ConnectionString, options: new RunOptions { CreateStateStore = true });
        await database.ExecuteAsync($"ALTER TABLE hdb_catalog.schema_migrations OWNER TO {low.Name}; {Function} ALTER FUNCTION low.f() OWNER TO {low.Name}; ALTER FUNCTION low.h() OWNER TO {low.Name};");
        // Hasura's own role may own its catalog.
        Assert.Single(await project.StatusAsync(database.ConnectionString));

        await database.ExecuteAsync("CREATE TRIGGER x BEFORE INSERT ON hdb_catalog.schema_migrations FOR EACH ROW EXECUTE FUNCTION low.f()");
        await RefusedAsync("CatalogUntrusted", "runs the function f of role", () => project.StatusAsync(database.ConnectionString));
        await RefusedAsync("CatalogUntrusted", "runs the function f of role", () => project.RunAsync(database.ConnectionString));
        await database.ExecuteAsync("DROP TABLE hdb_catalog.schema_migrations; CREATE VIEW hdb_catalog.schema_migrations AS SELECT 1::bigint AS version, low.h() AS dirty");
        await RefusedAsync("CatalogUntrusted", "is no plain table", () => project.StatusAsync(database.ConnectionString));

        await database.ExecuteAsync("DROP SCHEMA hdb_catalog CASCADE; CREATE SCHEMA hdb_catalog; CREATE VIEW hdb_catalog.hdb_metadata AS SELECT 1 AS id, '{}'::json AS metadata, 1 AS resource_version WHERE low.h()");
        await RefusedAsync("CatalogUntrusted", "is no plain table", () => database.Target().ExportAsync());
    }

    [Fact]
    [Trait("Case", "13")]
    public async Task The_owner_of_the_database_and_the_role_itself_are_trusted()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var low = await LowRole.MakeAsync(database);
        using var project = new TestProject().Add(1, "SELECT 1;");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {low.Name}");
        Assert.Single((await project.RunAsync(low.ConnectionString)).Results);
        Assert.Single(await project.StatusAsync(low.ConnectionString));
        await RefusedAsync("HistoryUntrusted", "belongs to role", () => project.StatusAsync(database.ConnectionString));

        await database.ExecuteAsync($"ALTER DATABASE {database.Name} OWNER TO {low.Name}");
        Assert.Single(await project.StatusAsync(database.ConnectionString));
    }

    [Fact]
    [Trait("Case", "16")]
    public async Task Names_in_suggested_grants_are_quoted()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var low = await LowRole.MakeAsync(database, "\"y");
        using var project = new TestProject().Add(1, "SELECT 1;");
        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(low.ConnectionString));
        Assert.Contains($"GRANT CREATE ON DATABASE \"{database.Name}\" TO {low.Name};", error.Message);
    }

    private static async Task RefusedAsync(string id, string reason, Func<Task> work)
    {
        var error = await Assert.ThrowsAnyAsync<HasuraMigrationException>(work);
        Assert.Equal(id, error.ErrorId);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public async Task A_role_that_may_not_record_seed_files_is_told_what_to_grant()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var low = await LowRole.MakeAsync(database);
        using var project = new TestProject().Seed("1.sql", "SELECT 1;");
        await project.SeedAsync(database.ConnectionString);
        var once = new SeedOptions { IsOnce = true };
        await database.ExecuteAsync($"GRANT USAGE ON SCHEMA hasura_migrations TO {low.Name}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hasura_migrations TO {low.Name}");

        Assert.Single((await project.SeedAsync(low.ConnectionString)).Applied);
        await RefusedAsync("HistoryWriteDenied", $"GRANT CREATE, USAGE ON SCHEMA hasura_migrations TO {low.Name}", () => project.SeedAsync(low.ConnectionString, once));

        await project.SeedAsync(database.ConnectionString, once);
        await database.ExecuteAsync($"GRANT SELECT ON hasura_migrations.seed TO {low.Name}");
        await RefusedAsync("HistoryWriteDenied", $"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hasura_migrations TO {low.Name}", () => project.Seed("1.sql", "SELECT 2;").SeedAsync(low.ConnectionString, once));
    }

    private sealed class LowRole(TestDatabase database, string bare) : IAsyncDisposable
    {
        internal string Name { get; } = $"\"{bare.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

        internal string ConnectionString { get; } = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = bare, Password = "p" }.ConnectionString;

        internal static async Task<LowRole> MakeAsync(TestDatabase database, string more = "")
        {
            var role = new LowRole(database, $"low_{Guid.NewGuid():N}{more}");
            await database.ExecuteAsync($"CREATE ROLE {role.Name} LOGIN PASSWORD 'p'; CREATE SCHEMA low;");
            return role;
        }

        public async ValueTask DisposeAsync() =>
            await database.ExecuteAsync($"REASSIGN OWNED BY {Name} TO CURRENT_USER; DROP OWNED BY {Name}; DROP ROLE {Name}");
    }
}
