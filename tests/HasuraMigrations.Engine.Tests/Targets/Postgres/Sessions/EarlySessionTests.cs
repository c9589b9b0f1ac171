using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Sessions;

/// <summary>A session that is opened before it is used.</summary>
public sealed class EarlySessionTests(PostgresServer server)
{
    private const string Nowhere = "Host=127.0.0.1;Port=1;Username=nobody;Database=none";
    private const string Count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% work'";

    [Fact]
    public async Task The_first_use_takes_the_session_that_was_begun()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var target = Open(database.ConnectionString);
        target.BeginConnecting();
        await UntilAsync(database, 1);

        await target.ReadAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1L, await database.ScalarAsync<long>(Count));
    }

    [Fact]
    public async Task What_was_begun_and_is_not_used_ends_with_the_target()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using (var target = Open(database.ConnectionString))
        {
            target.BeginConnecting();
            await UntilAsync(database, 1);
        }

        await UntilAsync(database, 0);
    }

    [Fact]
    public async Task The_first_use_throws_what_opening_fails_with()
    {
        await using var target = Open(Nowhere);
        target.BeginConnecting();

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => target.ReadAsync(TestContext.Current.CancellationToken));

        Assert.Equal("DatabaseUnreachable", error.ErrorId);
    }

    [Fact]
    public async Task A_target_that_is_not_used_ends_at_once_while_it_connects_and_after_it_failed()
    {
        using var silent = Silent(out var connectionString);
        var clock = Stopwatch.StartNew();
        foreach (var place in new[] { connectionString, Nowhere })
        {
            await using var target = Open(place);
            target.BeginConnecting();
        }

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public async Task Stopping_stops_the_opening()
    {
        using var silent = Silent(out var connectionString);
        await using var target = Open(connectionString);
        target.BeginConnecting();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.ReadAsync(stop.Token));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(9, false)]
    [InlineData(30, false)]
    [InlineData(250, false)]
    [InlineData(30, true)]
    public async Task Stopping_stops_the_opening_whatever_the_server_has_said_by_then(int bytes, bool isEarly)
    {
        await using var database = await server.CreateDatabaseAsync();
        var keywords = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Timeout = 60 };
        var (host, port) = (keywords.Host!, keywords.Port);
        await using var relay = new LoopbackListener(async (client, token) =>
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(host, port, token);
            await using var stream = tcp.GetStream();
            var sent = client.CopyToAsync(stream, token);
            var piece = new byte[1];
            for (var i = 0; i < bytes && await stream.ReadAsync(piece, token) > 0; i++)
            {
                await client.WriteAsync(piece, token);
            }

            await sent;
        });
        (keywords.Host, keywords.Port) = ("127.0.0.1", relay.Port);
        await using var target = Open(keywords.ConnectionString);
        if (isEarly)
        {
            target.BeginConnecting();
        }

        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.ReadAsync(stop.Token));

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    private static PostgresMigrationTarget Open(string connectionString) => new(PostgresConnectionString.Read(connectionString), null, "default", 3);

    // The system takes the connection, and nobody answers.
    private static TcpListener Silent(out string connectionString)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        connectionString = $"Host=127.0.0.1;Port={((IPEndPoint)listener.LocalEndpoint).Port};Username=nobody;Database=none;Timeout=60";
        return listener;
    }

    private static async Task UntilAsync(TestDatabase database, long count)
    {
        for (var i = 0; i < 200 && await database.ScalarAsync<long>(Count) != count; i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal(count, await database.ScalarAsync<long>(Count));
    }
}
