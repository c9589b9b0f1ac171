using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Store;

/// <summary>Where a version 2 catalog is created, beside what, and who may use it.</summary>
public sealed class MetadataStorePlaceTests(PostgresServer server)
{
    private const string Empty = """{"version":3,"sources":[]}""";
    private const string Simple = """{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"name":"t","schema":"public"}}],"configuration":{"connection_info":{"database_url":"postgres://h/d"}}},{"name":"b","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":"postgres://h/d"}}}],"remote_schemas":[{"name":"r","definition":{"url":"http://x"}}],"later":{"z":1.10,"a":1e3,"é":"\u0000\u2028<>"}}""";

    [Fact]
    public async Task A_store_is_made_only_on_request_and_never_into_part_of_one()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();

        var missing = await target.FailsAsync(Empty);
        Assert.Equal("MetadataStoreMissing", missing.ErrorId);
        Assert.Contains("Import-HasuraMetadata or Invoke-HasuraMigration with -CreateStateStore", missing.RecommendedAction);
        Assert.Equal("MetadataStoreMissing", (await target.FailsAsync("""{"version":2,"tables":[]}""", TestStores.Create)).ErrorId);
        Assert.Equal("MetadataConflict", (await target.FailsAsync(Empty, TestStores.Create with { ExpectedToken = "5" })).ErrorId);
        Assert.Null(await database.ScalarAsync<string>("SELECT to_regnamespace('hdb_catalog')::text"));

        await database.ExecuteAsync("CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.event_log (id int);");
        Assert.Contains("another database", (await target.FailsAsync(Empty)).Message);
        Assert.Equal("StateStoreExists", (await target.FailsAsync(Empty, TestStores.Create)).ErrorId);
        Assert.False((await target.ExportAsync()).Exists);
    }

    [Theory]
    [InlineData(HasuraApi.V1, 27, "which is too old; let a newer server upgrade it")]
    [InlineData(HasuraApi.V1, 42, "which is too old; let a newer server upgrade it")]
    [InlineData(HasuraApi.V2, 43, "which has no resource version; let a newer server upgrade it")]
    [InlineData(HasuraApi.V2, 49, "and 48 is the newest that this module supports")]
    public async Task A_catalog_of_another_version_is_refused_with_what_helps(HasuraApi api, int version, string words)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(api);
        await database.ExecuteAsync($"UPDATE hdb_catalog.hdb_version SET version = '{version}'");
        await using var target = database.Target();

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => target.ExportAsync());

        Assert.Equal("MetadataStoreUnsupported", error.ErrorId);
        Assert.Contains($"it is of version {version}, {words}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_takes_no_writes_is_named()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        Assert.Equal("MetadataStoreMissing", (await Assert.ThrowsAsync<HasuraMigrationException>(() => target.ReloadAsync(CancellationToken.None))).ErrorId);
        await target.ReplaceAsync(Empty, TestStores.Create);
        await database.ExecuteAsync($"ALTER DATABASE {database.Name} SET default_transaction_read_only = on");
        // A session keeps the default that it began with.
        await target.DisposeAsync();

        Assert.Equal("ServerReadOnly", (await target.FailsAsync(Simple)).ErrorId);
        Assert.Equal("ServerReadOnly", (await Assert.ThrowsAsync<HasuraMigrationException>(() => target.ReloadAsync(CancellationToken.None))).ErrorId);
        Assert.True((await target.ExportAsync()).Exists);
    }

    [Fact]
    public async Task Of_two_that_make_a_store_one_wins()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        var token = (await target.ExportAsync()).Token;

        var attempts = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Record.ExceptionAsync(() => target.ReplaceAsync(Simple, TestStores.Create with { ExpectedToken = token })).AsTask()));

        Assert.Equal("MetadataConflict", Assert.IsType<HasuraMigrationException>(Assert.Single(attempts, a => a is not null)).ErrorId);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Migrations_find_their_state_in_a_store_made_for_metadata(int configVersion)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target(configVersion);
        await target.ReplaceAsync(Empty, TestStores.Create);
        using var project = new TestProject(configVersion).Add(1, "CREATE TABLE a (id int);");

        await project.RunAsync(database.ConnectionString);

        Assert.Equal(1L, await database.ScalarAsync<long>(configVersion == 2
            ? "SELECT version FROM hdb_catalog.schema_migrations"
            : "SELECT k::bigint FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state #> '{migrations,default}') k"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Metadata_finds_room_in_a_store_made_for_migrations(int configVersion)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = database.Target(configVersion);
        using var project = new TestProject(configVersion).Add(1, "CREATE TABLE a (id int);");
        await project.RunAsync(database.ConnectionString, options: new RunOptions { CreateStateStore = true });

        await target.ReplaceAsync(Simple, TestStores.Create);

        Assert.Equal(2, (await target.ExportAsync()).Document.Sources.Count());
        Assert.Equal(1, (await project.StatusAsync(database.ConnectionString)).Count(m => m.Status == MigrationState.Applied));
    }

    [Fact]
    public async Task Metadata_may_lie_in_another_database()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var metadata = await server.CreateDatabaseAsync();
        await using var target = database.Target(metadata: metadata);

        await target.ReplaceAsync(Simple, TestStores.Create);

        Assert.Contains(metadata.Name, target.Description);
        Assert.Null(await database.ScalarAsync<string>("SELECT to_regnamespace('hdb_catalog')::text"));
        Assert.Equal(2L, (await target.ExportAsync()).ResourceVersion);
    }

    [Fact]
    public async Task A_right_that_lacks_is_named()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.Target().ReplaceAsync(Empty, TestStores.Create);
        var role = $"role_{Guid.NewGuid():N}";
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'x'");
        try
        {
            var limited = new PostgresRole(database, role);
            var unusable = await Assert.ThrowsAsync<HasuraMigrationException>(() => limited.Target.ExportAsync());
            await database.ExecuteAsync($"GRANT USAGE ON SCHEMA hdb_catalog TO {role}");
            var unreadable = await Assert.ThrowsAsync<HasuraMigrationException>(() => limited.Target.ExportAsync());
            await database.ExecuteAsync($"GRANT SELECT ON ALL TABLES IN SCHEMA hdb_catalog TO {role}");
            var unwritable = await limited.Target.FailsAsync(Simple);

            Assert.True((await limited.Target.ExportAsync()).Exists);
            Assert.All([unusable, unreadable, unwritable], e => Assert.Equal("PermissionMissing", e.ErrorId));
            Assert.All([unusable, unreadable, unwritable], e => Assert.Contains($"GRANT USAGE ON SCHEMA hdb_catalog TO \"{role}\"", e.Message));
        }
        finally
        {
            await database.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role};");
        }
    }

    private sealed class PostgresRole(TestDatabase database, string role)
    {
        public IMetadataTarget Target { get; } = new TestDatabase(null!, database.Name, new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "x" }.ConnectionString).Target();
    }
}
