using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>A database that is reached straight or through a server, so that one test serves both targets.</summary>
internal sealed class TargetPlace : IAsyncDisposable
{
    private readonly bool _isDirect;

    private TargetPlace(TestDatabase database, TestServerHost? host, bool isDirect) => (Database, Host, _isDirect) = (database, host, isDirect);

    public TestDatabase Database { get; }

    /// <summary>The server over the database; null where there is none.</summary>
    public TestServerHost? Host { get; }

    /// <summary>Opens a place.</summary>
    /// <param name="server">Where databases are made.</param>
    /// <param name="api">The server over it; null for none.</param>
    /// <param name="isDirect">True to go straight to the database although there is a server.</param>
    public static async Task<TargetPlace> OpenAsync(PostgresServer server, HasuraApi? api, bool isDirect = false)
    {
        var database = await server.CreateDatabaseAsync();
        return new TargetPlace(database, api is { } kind ? await database.ServeAsync(kind) : null, isDirect || api is null);
    }

    public async Task<RecordingObserver> RunAsync(TestProject project, MigrationGoal? goal = null, RunOptions? options = null) => _isDirect
        ? await project.RunAsync(Database.ConnectionString, goal, options: options)
        : await project.RunAsync(Host!, goal, options: options);

    public async Task<IReadOnlyList<HasuraMigration>> StatusAsync(TestProject project) => (await StatusWithFindingsAsync(project)).Migrations;

    public async Task<(IReadOnlyList<HasuraMigration> Migrations, IReadOnlyList<Finding> Findings)> StatusWithFindingsAsync(TestProject project)
    {
        await using var target = Target(project);
        return await new MigrationRunner(project.Scan(), target).StatusAsync(CancellationToken.None);
    }

    public async Task RepairAsync(TestProject project, MigrationRepair repair, params long[] versions)
    {
        await using var target = Target(project);
        await new MigrationRunner(project.Scan(), target).RepairAsync(repair, versions, new RunOptions(), new RecordingObserver(), CancellationToken.None);
    }

    /// <summary>Tables of the schema public.</summary>
    public async Task<string> TablesAsync() =>
        await Database.ScalarAsync<string>("SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'") ?? "";

    /// <summary>Versions in Hasura's record, ascending.</summary>
    public async Task<string> StateAsync(int configVersion) => await Database.ScalarAsync<string>(configVersion == 3
        ? "SELECT string_agg(k, ',' ORDER BY k::bigint) FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state -> 'migrations' -> 'default') k"
        : "SELECT string_agg(version::text, ',' ORDER BY version) FROM hdb_catalog.schema_migrations") ?? "";

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await Host.DisposeAsync();
        }

        await Database.DisposeAsync();
    }

    /// <summary>A target that leads there.</summary>
    public IMigrationTarget Target(TestProject project) => _isDirect ? project.Target(Database.ConnectionString) : project.Target(Host!);
}
