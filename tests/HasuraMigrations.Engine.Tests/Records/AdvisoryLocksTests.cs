using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Records;

/// <summary>The fence: what it lets through, and what it refuses.</summary>
public sealed class AdvisoryLocksTests(PostgresServer server)
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task The_fence_passes_while_the_session_that_took_the_lock_holds_it(bool isSession, bool isFirst)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var lockSession = await OpenAsync(database);
        var holder = await HoldAsync(lockSession, token: 4711);

        Assert.Null(await TryAsync(database, holder, isSession, isFirst));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task The_fence_refuses_where_another_run_took_the_lock_meanwhile(bool isSession, bool isFirst)
    {
        await using var database = await server.CreateDatabaseAsync();
        var lost = await OpenAsync(database);
        var holder = await HoldAsync(lost, token: 4711);
        await lost.CloseAsync();
        await using var other = await OpenAsync(database);
        // The server ends a closed session a moment later; this waits for the lock.
        await HoldAsync(other, token: 4712);

        Assert.Equal(AdvisoryLocks.RunLockLost, await TryAsync(database, holder, isSession, isFirst));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task The_fence_refuses_where_the_work_of_another_session_goes_on(bool isSession, bool isFirst)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var lockSession = await OpenAsync(database);
        var holder = await HoldAsync(lockSession, token: 4711);
        await using var orphan = await OpenAsync(database);
        await ExecuteAsync(orphan, $"SELECT pg_advisory_lock({AdvisoryLocks.Work})");

        Assert.Equal(AdvisoryLocks.WorkBusy, await TryAsync(database, holder, isSession, isFirst));
    }

    [Fact]
    public async Task The_first_fence_of_a_group_refuses_where_somebody_else_holds_the_token()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var lockSession = await OpenAsync(database);
        var holder = await HoldAsync(lockSession, token: 4711);
        await using var other = await OpenAsync(database);

        Assert.Equal(AdvisoryLocks.RunLockLost, await TryAsync(database, holder with { ProcessId = other.ProcessID }, isSession: false, isFirst: true));
    }

    [Fact]
    public async Task What_a_search_path_offers_is_not_asked()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE SCHEMA trap;
            CREATE FUNCTION trap.pg_try_advisory_xact_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT false';
            CREATE FUNCTION trap.say(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
            CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.say);
            CREATE DOMAIN trap.oid AS text;
            """);
        await using var lockSession = await OpenAsync(database);
        var holder = await HoldAsync(lockSession, token: 4711);

        Assert.Null(await TryAsync(database, holder, isSession: false, isFirst: true, "SET search_path = trap, pg_catalog"));
    }

    private static async Task<string?> TryAsync(TestDatabase database, RunHolder holder, bool isSession, bool isFirst, string before = "SELECT 1")
    {
        await using var work = await OpenAsync(database);
        await ExecuteAsync(work, before);
        var signal = Guid.NewGuid();
        var heard = new List<string>();
        work.Notice += (_, e) => heard.Add($"{e.Notice.SqlState} {e.Notice.MessageText}");
        try
        {
            await ExecuteAsync(work, AdvisoryLocks.Fence(holder, isSession, isFirst, signal));
        }
        catch (PostgresException e)
        {
            Assert.Empty(heard);
            return e.SqlState;
        }

        Assert.Equal([$"{AdvisoryLocks.Started} {signal}"], heard);
        return null;
    }

    private static async Task<RunHolder> HoldAsync(NpgsqlConnection session, long token)
    {
        await ExecuteAsync(session, $"SELECT pg_advisory_lock({AdvisoryLocks.Run}), pg_advisory_lock({token})");
        return new RunHolder(session.ProcessID, token);
    }

    private static async Task<NpgsqlConnection> OpenAsync(TestDatabase database)
    {
        var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ConnectionString);
        await session.OpenAsync();
        return session;
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
