using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>A metadata write whose commit got no answer is neither reported as failed when it was committed, nor the other way round.</summary>
[Trait("Case", "15.3")]
public sealed class LostCommitTests(PostgresServer server)
{
    private const string Empty = """{"version":3,"sources":[]}""";

    private const string Changed = """{"version":3,"sources":[],"query_collections":[{"name":"q","definition":{"queries":[]}}]}""";

    private const string Version = "SELECT resource_version::int8 FROM hdb_catalog.hdb_metadata";

    public static TheoryData<string> Writes => ["replace", "command", "reload"];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Writes))]
    public async Task A_commit_whose_answer_is_lost_is_found_out_and_is_a_success(string write)
    {
        await using var database = await StoreAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(through), null, 3);
        var before = await database.ScalarAsync<long>(Version);
        relay.HoldAtRequest("COMMIT\0");

        var writing = WriteAsync(target, write, TestContext.Current.CancellationToken);
        await CommittedAsync(writing, async () => await database.ScalarAsync<long>(Version) > before, TestContext.Current.CancellationToken);

        relay.CutAndRelease();
        var version = await writing;

        Assert.Equal(before + 1, version ?? await database.ScalarAsync<long>(Version));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Writes))]
    public async Task A_commit_that_never_arrived_is_reported_as_a_write_that_did_not_happen(string write)
    {
        await using var database = await StoreAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(through), null, 3);
        var before = await database.ScalarAsync<long>(Version);
        relay.CutAtRequest("COMMIT\0", times: 1);

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => WriteAsync(target, write, TestContext.Current.CancellationToken));

        Assert.Equal("DatabaseUnreachable", error.ErrorId);
        Assert.Contains("nothing was committed", error.Message);
        Assert.Equal(before, await database.ScalarAsync<long>(Version));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_commit_in_the_database_of_a_source_is_found_out_too()
    {
        await using var database = await StoreAsync();
        await using var source = await server.CreateDatabaseAsync();
        await source.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await using var relay = TcpRelay.Before(source.ConnectionString, out var through);
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(through), PostgresConnectionString.Read(database.ConnectionString), 3);
        const string triggers = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal";
        relay.HoldAtRequest("COMMIT\0");

        var writing = target.ReplaceAsync(Document("""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"schema":"public","name":"t"},"event_triggers":[{"name":"e","definition":{"enable_manual":false,"insert":{"columns":"*"}},"retry_conf":{"num_retries":0,"interval_sec":10,"timeout_sec":60},"webhook":"http://x"}]}],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}]}"""), new MetadataReplaceOptions(), CancellationToken.None);
        await CommittedAsync(writing, async () => await source.ScalarAsync<long>(triggers) > 0, TestContext.Current.CancellationToken);

        relay.CutAndRelease();

        Assert.True((await writing).IsConsistent);
        Assert.Contains("\"e\"", await database.ScalarAsync<string>("SELECT metadata::text FROM hdb_catalog.hdb_metadata"));
    }

    private static async Task CommittedAsync(Task writing, Func<Task<bool>> isCommitted, CancellationToken cancellationToken)
    {
        while (!await isCommitted())
        {
            if (writing.IsCompleted)
            {
                await writing;
                Assert.Fail("It ended before its commit.");
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task<long?> WriteAsync(PostgresMetadataTarget target, string write, CancellationToken cancellationToken)
    {
        switch (write)
        {
            case "replace":
                return (await target.ReplaceAsync(Document(Changed), new MetadataReplaceOptions(), cancellationToken)).ResourceVersion;
            case "command":
                await target.RunAsync("""{"type":"create_query_collection","args":{"name":"q","definition":{"queries":[]}}}""");
                return null;
            default:
                await target.ReloadAsync(cancellationToken);
                return null;
        }
    }

    private static Engine.Metadata.Model.MetadataDocument Document(string json) => Support.TestStores.Document(json);

    private async Task<TestDatabase> StoreAsync()
    {
        var database = await server.CreateDatabaseAsync();
        await using var target = database.Target();
        await target.ReplaceAsync(Empty, Support.TestStores.Create);
        return database;
    }
}
