using System.Globalization;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>
/// A database and a project whose migrations leave a row each time they run, in tables without any constraint: what ran
/// twice shows as two rows. Even versions sleep; every third runs without a transaction, statement by statement.
/// </summary>
internal sealed class ProofDatabase : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly TestDatabase? _metadata;
    private readonly TestProject _project;
    private readonly NpgsqlDataSource _sessions;

    private readonly bool _hasActions;

    private ProofDatabase(TestDatabase database, TestDatabase? metadata, TestProject project, int configVersion, int count, bool hasActions)
    {
        (_database, _metadata, _project, _hasActions) = (database, metadata, project, hasActions);
        (ConfigVersion, Count) = (configVersion, count);
        // A proof asks dozens of questions, one after another. The pool ends with the database: there are many.
        _sessions = NpgsqlDataSource.Create(Named(database.ConnectionString));
    }

    public string Directory => _project.Directory;

    public string ConnectionString => _database.ConnectionString;

    /// <summary>That of the metadata database; null where there is none of its own.</summary>
    public string? MetadataConnectionString => _metadata?.ConnectionString;

    public int ConfigVersion { get; }

    public int Count { get; }

    /// <summary>Makes one.</summary>
    /// <param name="server">Where.</param>
    /// <param name="count">Number of migrations.</param>
    /// <param name="sleep">How long half of them sleep.</param>
    /// <param name="hasState">With Hasura's own table of versions, which is then made by the run too.</param>
    /// <param name="hasActions">Each migration makes a table and tracks it, and none runs without a transaction.</param>
    /// <param name="hasMetadata">Hasura's record is the catalog state in a database of its own.</param>
    public static async Task<ProofDatabase> CreateAsync(PostgresServer server, int count, TimeSpan sleep, bool hasState, bool hasActions = false, bool hasMetadata = false)
    {
        var configVersion = hasMetadata ? 3 : hasActions ? 1 : hasState ? 2 : 3;
        var database = await server.CreateDatabaseAsync(await server.TemplateAsync("exactly once", FillAsync));
        var project = new TestProject(configVersion);
        for (var version = 1; version <= count; version++)
        {
            if (hasActions)
            {
                AddActions(project, version);
                continue;
            }

            project.Add(version, Step(version, "done", "CREATE INDEX CONCURRENTLY i{0} ON done (v);"), Step(version, "undone", "DROP INDEX CONCURRENTLY i{0};"));
        }

        var proof = new ProofDatabase(database, hasMetadata ? await server.CreateDatabaseAsync() : null, project, configVersion, count, hasActions);
        await proof.ExecuteAsync($"INSERT INTO pace VALUES ({sleep.TotalSeconds.ToString(CultureInfo.InvariantCulture)})");
        return proof;
    }

    /// <summary>Sets how long the migrations sleep from now on.</summary>
    public Task PaceAsync(TimeSpan sleep) => ExecuteAsync($"UPDATE pace SET seconds = {sleep.TotalSeconds.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Runs a statement on a session that runs have no part in.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = _sessions.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of a query, as text.</summary>
    public async Task<List<string>> ListAsync(string sql)
    {
        await using var command = _sessions.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var list = new List<string>();
        while (await reader.ReadAsync())
        {
            list.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        }

        return list;
    }

    /// <summary>Versions that history has as done in a direction; one that was interrupted is done in neither.</summary>
    public async Task<HashSet<long>> DoneAsync(bool isDown)
    {
        var hasHistory = (await ListAsync("SELECT 1 WHERE to_regclass('hasura_migrations.history') IS NOT NULL")).Count > 0;
        if (!isDown)
        {
            return hasHistory ? [.. (await ListAsync("SELECT version FROM hasura_migrations.history WHERE state = 'applied' AND direction = 'up'")).Select(long.Parse)] : [];
        }

        return [.. Enumerable.Range(1, Count).Select(v => (long)v).Except((await ListAsync("SELECT version FROM hasura_migrations.history")).Select(long.Parse))];
    }

    /// <summary>Everything that is not as it has to be once a run has ended well; empty if all is.</summary>
    public async Task<List<string>> FlawsAsync(bool isDown, bool mayLogFailures)
    {
        var all = Enumerable.Range(1, Count).ToList();
        var wrong = new List<string>();
        await ExpectAsync(wrong, "effects", "SELECT v FROM done ORDER BY v", all);
        await ExpectAsync(wrong, "effects of downs", "SELECT v FROM undone ORDER BY v", isDown ? all : []);
        await ExpectAsync(wrong, "last statements without transaction", "SELECT v FROM ended ORDER BY v", all.Where(v => IsDirective(v) && !_hasActions).SelectMany(v => isDown ? new[] { v, v } : [v]));
        await ExpectAsync(wrong, "history", "SELECT version FROM hasura_migrations.history WHERE state = 'applied' AND direction = 'up' ORDER BY 1", isDown ? [] : all);
        await ExpectAsync(wrong, "rows of history", "SELECT version FROM hasura_migrations.history ORDER BY 1", isDown ? [] : all);
        await ExpectAsync(wrong, "log of ups", "SELECT version FROM hasura_migrations.log WHERE direction = 'up' AND outcome = 'succeeded' ORDER BY 1", all);
        await ExpectAsync(wrong, "log of downs", "SELECT version FROM hasura_migrations.log WHERE direction = 'down' AND outcome = 'succeeded' ORDER BY 1", isDown ? all : []);
        await ExpectAsync(wrong, "valid indexes", "SELECT substr(c.relname, 2)::int FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'done'::regclass AND i.indisvalid ORDER BY 1", isDown ? [] : all.Where(v => IsDirective(v) && !_hasActions));
        await ExpectAsync(wrong, "invalid indexes", "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid", []);
        await ExpectAsync(wrong, "transactions left", "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'", []);
        if (!mayLogFailures)
        {
            await ExpectAsync(wrong, "failures in the log", "SELECT version || ' ' || coalesce(error, '') FROM hasura_migrations.log WHERE outcome <> 'succeeded'", []);
        }

        if (_hasActions)
        {
            await ExpectAsync(wrong, "tracked tables", "SELECT substr(t -> 'table' ->> 'name', 2)::int FROM hdb_catalog.hdb_metadata, json_array_elements(metadata -> 'sources') s, json_array_elements(s -> 'tables') t ORDER BY 1", isDown ? [] : all);
        }

        if (_metadata is not null)
        {
            var versions = await _metadata.ScalarAsync<string>("SELECT string_agg(k, ',' ORDER BY k::bigint) FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state -> 'migrations' -> 'default') k") ?? "";
            wrong.AddRange(versions == string.Join(',', isDown ? [] : all) ? [] : [$"catalog state: [{versions}]"]);
        }

        if (ConfigVersion < 3)
        {
            await ExpectAsync(wrong, "state", "SELECT version FROM hdb_catalog.schema_migrations ORDER BY 1", isDown ? [] : all);
        }

        return wrong;
    }

    /// <summary>Ends the sessions of runs on the metadata database.</summary>
    public void EndMetadataSessions()
    {
        // At a point of a run, which is not to go on meanwhile.
        using var command = _sessions.CreateCommand($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_metadata!.Name}' AND application_name LIKE '% metadata'");
        command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        _project.Dispose();
        await _sessions.DisposeAsync();
        if (_metadata is not null)
        {
            await _metadata.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    private static void AddActions(TestProject project, int version)
    {
        var sleep = version % 2 == 0 ? "SELECT pg_sleep(seconds) FROM pace;\n" : "";
        project.Add(version, $"INSERT INTO done VALUES ({version});\nCREATE TABLE t{version} (id int PRIMARY KEY);\n{sleep}", $"INSERT INTO undone VALUES ({version});\nDROP TABLE t{version};\n{sleep}")
            .Write($"migrations/{version}_m/up.yaml", $"- type: track_table\n  args: {{schema: public, name: t{version}}}\n- type: create_select_permission\n  args: {{table: t{version}, role: user, permission: {{columns: '*', filter: {{}}}}}}\n")
            .Write($"migrations/{version}_m/down.yaml", $"- type: untrack_table\n  args: {{table: t{version}}}\n");
    }

    private static bool IsDirective(int version) => version % 3 == 0;

    private static string Step(int version, string table, string index)
    {
        var sleep = version % 2 == 0 ? "SELECT pg_sleep(seconds) FROM pace;\n" : "";
        return IsDirective(version)
            ? $"-- hasura:no-transaction\nINSERT INTO {table} VALUES ({version});\n{sleep}{string.Format(CultureInfo.InvariantCulture, index, version)}\nINSERT INTO ended VALUES ({version});\n"
            : $"INSERT INTO {table} VALUES ({version});\n{sleep}";
    }

    private async Task ExpectAsync(List<string> wrong, string what, string sql, IEnumerable<int> expected)
    {
        var (found, wanted) = (string.Join(',', await ListAsync(sql)), string.Join(',', expected));
        if (found != wanted)
        {
            wrong.Add($"{what}: [{found}] instead of [{wanted}]");
        }
    }

    private static async Task FillAsync(string connectionString)
    {
        // A database with a session cannot be copied.
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Named(connectionString)) { Pooling = false }.ConnectionString);
        await session.OpenAsync();
        await using var command = new NpgsqlCommand("CREATE TABLE done (v int); CREATE TABLE undone (v int); CREATE TABLE ended (v int); CREATE TABLE pace (seconds float8)", session);
        await command.ExecuteNonQueryAsync();
    }

    private static string Named(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "proof" }.ConnectionString;
}
