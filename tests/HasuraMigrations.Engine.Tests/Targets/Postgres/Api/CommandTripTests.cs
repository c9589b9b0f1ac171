using System.Diagnostics;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Api;

/// <summary>Long requests ask a database for no more than they have to. What it takes in time is measured by the benchmarks.</summary>
public sealed class CommandTripTests(PostgresServer server)
{
    [Fact]
    [Trait("Case", "10")]
    public async Task A_bulk_that_tracks_many_tables_asks_the_database_as_often_as_one_that_tracks_few()
    {
        await using var database = await SeedAsync(60, 0);
        await using var target = database.Target();
        var all = CommandLoad.TrackAll(60)["args"]!.AsArray().Select(a => a!.ToJsonString()).ToList();
        // The first use opens a session, which takes other trips than the reset before every later one.
        await target.ExportAsync();
        Task<int> TrackAsync(Range which) => CountAsync(database, () => target.RunAsync($$"""{"type":"bulk","args":[{{string.Join(',', all[which])}}]}"""));

        Assert.Equal(await TrackAsync(..5), await TrackAsync(5..));
    }

    [Fact]
    [Trait("Case", "12")]
    public async Task A_comment_takes_one_trip_and_a_rename_two_and_a_third_where_an_event_trigger_names_the_column()
    {
        await using var database = await SeedAsync(3, 3);
        await using var target = database.Target();
        Task<int> RunAsync(IEnumerable<string> statements) => CountAsync(database, () => target.ExecuteAsync(CommandLoad.RunSql(statements), CancellationToken.None));
        string[] Numbered(string sql, int from, int count) => [.. Enumerable.Range(from, count).Select(i => string.Format(null, sql, i, i + 1))];
        await RunAsync(["ALTER TABLE t1 RENAME c1 TO c_1", "ALTER TABLE t3 RENAME c1 TO c_1"]);

        var one = await RunAsync(Numbered("COMMENT ON COLUMN t1.c2 IS '{0}'", 0, 1));
        Assert.Equal(one + 20, await RunAsync(Numbered("COMMENT ON COLUMN t1.c2 IS '{0}'", 0, 21)));
        var renamed = await RunAsync(Numbered("ALTER TABLE t1 RENAME COLUMN c_{0} TO c_{1}", 1, 1));
        Assert.Equal(renamed + 40, await RunAsync(Numbered("ALTER TABLE t1 RENAME COLUMN c_{0} TO c_{1}", 2, 21)));
        renamed = await RunAsync(Numbered("ALTER TABLE t3 RENAME COLUMN c_{0} TO c_{1}", 1, 1));
        Assert.Equal(renamed + 60, await RunAsync(Numbered("ALTER TABLE t3 RENAME COLUMN c_{0} TO c_{1}", 2, 21)));
    }

    [Fact]
    [Trait("Case", "12")]
    public async Task A_migration_of_many_statements_leaves_database_and_metadata_as_one_after_another_does()
    {
        await using var together = await SeedAsync(6, 6);
        await using var apart = await SeedAsync(6, 6);
        var statements = CommandLoad.Statements(6, LongForm.Count(60, 15)).ToList();
        using var project = new TestProject(1).Write("migrations/1_sql/up.yaml", CommandLoad.RunSqlFile(statements));
        await project.RunAsync(together.ConnectionString);
        await using (var target = apart.Target())
        {
            foreach (var statement in statements)
            {
                await target.ExecuteAsync(CommandLoad.RunSql([statement])["args"]![0]!.DeepClone().AsObject(), CancellationToken.None);
            }
        }

        const string columns = "SELECT string_agg(concat(attrelid::regclass, '.', attname), ',' ORDER BY attrelid, attnum) FROM pg_attribute WHERE attrelid::regclass::text ~ '^t\\d$' AND attnum > 0";
        const string functions = "SELECT string_agg(prosrc, ' ' ORDER BY proname) FROM pg_proc WHERE proname LIKE 'notify_hasura%'";
        Assert.Equal(await apart.ScalarAsync<string>(columns), await together.ScalarAsync<string>(columns));
        Assert.Equal(await apart.ScalarAsync<string>(functions), await together.ScalarAsync<string>(functions));
        await using var one = apart.Target();
        await using var other = together.Target();
        Assert.Equal((await one.ExportAsync()).Document.Root.ToJsonString(), (await other.ExportAsync()).Document.Root.ToJsonString());
        Assert.Contains("c1_1", (await other.ExportAsync()).Document.Root.ToJsonString());
    }

    [Fact]
    [Trait("Case", "10")]
    public async Task An_enum_table_whose_column_gets_another_name_while_its_rows_are_read_is_read_again()
    {
        await using var database = await SeedAsync(1, 0);
        await database.ExecuteAsync("CREATE TABLE kind (value text PRIMARY KEY); INSERT INTO kind VALUES ('a')");
        await using var other = await database.OpenAsync();
        await using var target = database.Target();
        await using var begin = new Npgsql.NpgsqlCommand("BEGIN; ALTER TABLE kind RENAME COLUMN value TO name", other);
        await begin.ExecuteNonQueryAsync();

        var tracking = target.RunAsync("""{"type":"pg_track_table","args":{"table":"kind","is_enum":true}}""");
        while (!await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND NOT granted)"))
        {
            Assert.False(tracking.IsCompleted);
        }

        await using var commit = new Npgsql.NpgsqlCommand("COMMIT", other);
        await commit.ExecuteNonQueryAsync();
        Assert.Equal("success", (await tracking)!["message"]!.GetValue<string>());
    }

    // How many commands and batches a session of the driver sends.
    private static async Task<int> CountAsync(TestDatabase database, Func<Task<JsonNode?>> run)
    {
        var count = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = a =>
            {
                // The listener hears of every session of the process, on any thread.
                if (!a.DisplayName.StartsWith("CONNECT", StringComparison.Ordinal) && a.TagObjects.Any(t => t.Value as string == database.Name))
                {
                    Interlocked.Increment(ref count);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await run();
        return count;
    }

    private async Task<TestDatabase> SeedAsync(int tables, int tracked)
    {
        var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(CommandLoad.Tables(tables));
        await using var target = database.Target();
        await target.ReplaceAsync(CommandLoad.Document(tracked), TestStores.Create, CancellationToken.None);
        return database;
    }
}
