using System.Globalization;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Faults;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>How a run straight on PostgreSQL tells a connection that lives from one that is gone.</summary>
public sealed class LivingConnectionTests(PostgresServer server)
{
    private static readonly RunOptions Watchful = new() { WatchInterval = TimeSpan.FromMilliseconds(100) };

    [Theory]
    [Trait("Case", "15.3")]
    [InlineData("SELECT 1 FROM pg_sleep(1.5);")]
    [InlineData("-- hasura:no-transaction\nVACUUM;\nSELECT 1 FROM pg_sleep(1.5);")]
    public async Task Long_work_behind_a_pooler_that_numbers_sessions_itself_is_not_given_up(string up)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        relay.RenumberProcesses();
        using var project = new TestProject().Add(1, up);

        var observer = await project.RunAsync(through, options: Watchful);

        Assert.False(Assert.Single(observer.Results).IsResolved);
        Assert.DoesNotContain(observer.Findings, f => f.Id == "ConnectionReopened");
    }

    [Fact]
    [Trait("Case", "15.3")]
    public async Task Long_work_is_not_given_up_where_the_server_allows_no_session_to_ask()
    {
        await using var database = await server.CreateDatabaseAsync();
        var role = $"two_{Guid.NewGuid():N}";
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'x' CONNECTION LIMIT 2; GRANT CREATE ON DATABASE {database.Name} TO {role}");
        try
        {
            using var project = new TestProject().Add(1, "SELECT 1 FROM pg_sleep(2.5);");

            var observer = await project.RunAsync(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "x" }.ConnectionString, options: Watchful with { ReconnectTimeout = TimeSpan.FromSeconds(1) });

            Assert.False(Assert.Single(observer.Results).IsResolved);
            Assert.Contains(observer.Messages, m => m.Contains("could not be checked", StringComparison.Ordinal));
        }
        finally
        {
            await database.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Theory]
    [Trait("Case", "15.3")]
    [InlineData(false, "before-send")]
    [InlineData(true, "after-synchronize")]
    public async Task A_connection_that_breaks_after_the_lock_was_lost_is_not_taken_for_a_pooler(bool hasActions, string point)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var relay = TcpRelay.Before(database.ConnectionString, out var through);
        using var project = new TestProject(hasActions ? 1 : 3).Add(2, "CREATE TABLE b (id int);");
        if (hasActions)
        {
            await using var target = database.Target(configVersion: 2);
            await target.ReplaceAsync("""{"version":3,"sources":[]}""", Support.TestStores.Create);
            project.Write("migrations/1_a/up.yaml", CommandLoad.RunSqlFile(["CREATE TABLE a (id int)"]));
        }
        else
        {
            project.Add(1, "CREATE TABLE a (id int);");
        }

        const string endLock = """
            DO $$ BEGIN
                PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% lock';
                WHILE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) LOOP
                    PERFORM pg_sleep(0.01);
                END LOOP;
            END $$
            """;
        var reached = 0;

        var observer = await FaultCases.AtPointsAsync(
            name =>
            {
                if (name == point && Interlocked.Increment(ref reached) == 1)
                {
                    Task.Run(() => database.ExecuteAsync(endLock)).GetAwaiter().GetResult();
                    relay.CutAtRequest("ROLLBACK\0", times: 1);
                }
            },
            () => project.RunAsync(through));

        Assert.Equal([1L, 2], observer.Results.Select(r => r.Version));
        Assert.Contains("opened again", Assert.Single(observer.Findings, f => f.Id == "ConnectionReopened").Message);
        Assert.Equal("1,2", await database.ScalarAsync<string>("SELECT string_agg(version::text, ',' ORDER BY id) FROM hasura_migrations.log WHERE outcome = 'succeeded'"));
    }

    [Fact]
    [Trait("Case", "15.4")]
    public async Task Both_ends_of_the_sessions_of_a_run_ask_whether_the_other_is_there()
    {
        Assert.SkipUnless(File.Exists("/proc/net/tcp"), "The timers of sockets are not to be seen on this system.");
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE seen AS SELECT current_setting('tcp_keepalives_idle') AS idle, current_setting('tcp_user_timeout', true) AS unanswered; CREATE TABLE clients AS SELECT application_name, client_port FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ ' (work|lock)$'");
        var timers = new Dictionary<(int Local, int Remote), double>();

        await FaultCases.AtPointsAsync(
            name =>
            {
                if (name == "after-mirror")
                {
                    // A socket shows one timer, which is another one until the last packet is acknowledged; and the list is not of one moment.
                    for (var look = 0; look < 10; look++, Thread.Sleep(20))
                    {
                        foreach (var (ports, seconds) in KeepAliveTimers())
                        {
                            timers[ports] = seconds;
                        }
                    }
                }
            },
            () => project.RunAsync(database.ConnectionString));

        Assert.StartsWith("30,60", await database.ScalarAsync<string>("SELECT idle || ',' || unanswered FROM seen"));
        var port = new NpgsqlConnectionStringBuilder(database.ConnectionString).Port;
        var clients = (await database.ScalarAsync<string>("SELECT string_agg(client_port::text, ',') FROM clients"))!.Split(',').Select(int.Parse).ToList();
        var holder = await database.ScalarAsync<int>("SELECT client_port FROM clients WHERE application_name LIKE '% lock'");
        Assert.Equal(2, clients.Count);
        Assert.All(clients, client => Assert.InRange(timers[(client, port)], 0, 30.5));
        // The server's end of the session that works has it only while it holds something.
        Assert.InRange(timers[(port, holder)], 0, 30.5);
    }

    [Fact]
    public async Task Sessions_over_a_socket_of_the_file_system_open_as_before()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The driver looks for such a socket on other systems only.");
        await using var database = await server.CreateDatabaseAsync();
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");
        await using var relay = TcpRelay.StartOnSocket(settings.Host!, settings.Port, Path.Combine(project.Directory, ".s.PGSQL.5432"));
        (settings.Host, settings.Port, settings.TcpKeepAliveTime) = (project.Directory, 5432, 60);

        Assert.Single((await project.RunAsync(settings.ConnectionString)).Results);
    }

    /// <summary>Seconds until the system asks whether the other end is there, by the ports of a socket.</summary>
    private static Dictionary<(int Local, int Remote), double> KeepAliveTimers() => new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(f => File.ReadLines(f).Skip(1))
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(f => f[5].StartsWith("02:", StringComparison.Ordinal))
        .GroupBy(f => (Port(f[1]), Port(f[2])))
        .ToDictionary(g => g.Key, g => int.Parse(g.First()[5][3..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 100.0);

    private static int Port(string address) => int.Parse(address[(address.IndexOf(':') + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
