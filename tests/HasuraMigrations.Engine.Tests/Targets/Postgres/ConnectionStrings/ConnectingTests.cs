using System.Net.Sockets;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.ConnectionStrings;

public sealed class ConnectingTests(PostgresServer server)
{
    private const string Canary = "Qzjx-canary-9";

    [Fact]
    [Trait("Case", "6")]
    public async Task Of_several_hosts_the_first_that_answers_is_used()
    {
        var settings = await SettingsAsync();

        await ReadAsync($"postgres://{Credentials(settings)}@127.0.0.1:1,{settings.Host}:{settings.Port}/{settings.Database}?pgbouncer=true");
        await ReadAsync($"host=127.0.0.1,{settings.Host} port=1,{settings.Port} dbname={settings.Database} user={settings.Username} password='{settings.Password}' target_session_attrs=read-write");
    }

    [Fact]
    [Trait("Case", "6")]
    public async Task A_host_that_refuses_is_not_passed_over()
    {
        var settings = await SettingsAsync();

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => ReadAsync($"postgres://{settings.Username}:{Canary}@{settings.Host}:{settings.Port},127.0.0.1:1/{settings.Database}"));

        Assert.Equal("AuthenticationFailed", error.ErrorId);
        Assert.DoesNotContain(Canary, SeenText.Of(error));
    }

    [Theory]
    [Trait("Case", "6")]
    [InlineData("any", true)]
    [InlineData("read-write", true)]
    [InlineData("primary", true)]
    [InlineData("prefer-standby", true)]
    [InlineData("standby", false)]
    [InlineData("read-only", false)]
    public async Task The_kind_of_session_is_looked_at_on_one_host_too(string kind, bool isRight)
    {
        var settings = await SettingsAsync();
        var text = $"postgres://{Credentials(settings)}@{settings.Host}:{settings.Port}/{settings.Database}?target_session_attrs={kind}";

        Assert.Equal(isRight ? null : "ServerReadOnly", (await Record.ExceptionAsync(() => ReadAsync(text)) as HasuraMigrationException)?.ErrorId);
        Assert.Equal(isRight ? null : "ServerReadOnly", (await Record.ExceptionAsync(() => ReadAsync(text.Replace($"@{settings.Host}", $"@127.0.0.1:1,{settings.Host}"))) as HasuraMigrationException)?.ErrorId);
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_from_one_that_cannot_be_reached()
    {
        var settings = await SettingsAsync();

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => ReadAsync($"postgres://{Credentials(settings)}@{settings.Host}:{settings.Port}/{settings.Database}?sslmode=require"));

        Assert.Equal("DatabaseUnreachable", error.ErrorId);
        Assert.StartsWith("The server has no TLS.", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_application_is_named_as_the_string_says()
    {
        var settings = await SettingsAsync();
        await using var database = await server.CreateDatabaseAsync();
        var text = $"postgres://{Credentials(settings)}@{settings.Host}:{settings.Port}/{database.Name}?application_name=shop&options=-c%20application_name%3Dx";
        var connector = new PostgresConnector(PostgresConnectionString.Read(text));

        await using var session = await connector.OpenAsync("work", keepAlive: false, TestContext.Current.CancellationToken);

        Assert.Equal("shop work", (await session.RowsAsync("SELECT pg_catalog.current_setting('application_name')", [], TestContext.Current.CancellationToken))[0][0]);
    }

    [Theory]
    [Trait("Case", "6")]
    [InlineData("postgres://u:" + Canary + "@127.0.0.1:1/d", "DatabaseUnreachable", "127.0.0.1:1")]
    [InlineData("postgres://u:" + Canary + "@127.0.0.1:1,127.0.0.1:2/d", "DatabaseUnreachable", "127.0.0.1:1,127.0.0.1:2")]
    [InlineData("postgres://u:" + Canary + "@no-such-host.invalid/d", "DatabaseUnreachable", "no-such-host.invalid")]
    [InlineData("host=/no/such/directory user=u dbname=d password=" + Canary, "DatabaseUnreachable", "/no/such/directory")]
    [InlineData("host=/no/such/directory,127.0.0.1 port=1 user=u dbname=d password=" + Canary, "DatabaseUnreachable", "127.0.0.1:1: ")]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Passfile=/" + Canary, "DatabaseUnreachable", "127.0.0.1:1")]
    public async Task A_server_that_cannot_be_reached_is_named_and_nothing_else(string text, string id, string place)
    {
        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => ReadAsync(text));

        Assert.Equal(id, error.ErrorId);
        Assert.Contains(place, error.Message);
        Assert.DoesNotContain(Canary, SeenText.Of(error));
    }

    [Theory]
    [Trait("Case", "6")]
    [InlineData("password=" + Canary)]
    [InlineData("password={0}&options=-c%20" + Canary + "%3Dx")]
    [InlineData("password={0}&options=-c%20work_mem%3D" + Canary)]
    [InlineData("password={0}&sslmode=require&sslcert=/" + Canary)]
    [InlineData("password={0}&sslmode=verify-full&sslrootcert=/" + Canary)]
    public async Task Nothing_that_a_server_or_a_file_says_repeats_what_the_string_hides(string parameters)
    {
        var settings = await SettingsAsync();
        var text = $"postgres://{settings.Username}@{settings.Host}:{settings.Port}/{settings.Database}?{parameters.Replace("{0}", Uri.EscapeDataString(settings.Password!))}";

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => ReadAsync(text));

        Assert.DoesNotContain(Canary, SeenText.Of(error));
    }

    [Fact]
    public async Task A_connection_made_by_hand_is_read_by_the_same_rules()
    {
        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() =>
            new PostgresMigrationTarget(new HasuraConnection($"Hozt={Canary}", "h", 1, "d", "u"), null, "default", 2).ReadAsync(TestContext.Current.CancellationToken));

        Assert.Equal("ConnectionStringInvalid", error.ErrorId);
        Assert.DoesNotContain(Canary, SeenText.Of(error));
    }

    [Fact]
    public async Task A_limit_of_TLS_versions_reaches_the_handshake()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var hello = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            var buffer = new byte[8];
            await stream.ReadExactlyAsync(buffer);
            await stream.WriteAsync("S"u8.ToArray());
            var hello = new byte[4096];
            var length = await stream.ReadAsync(hello);
            return hello[..length];
        });

        await Record.ExceptionAsync(() => ReadAsync($"postgres://u:p@127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}/d?sslmode=require&ssl_max_protocol_version=TLSv1.2&gssencmode=disable"));

        // The extension "supported versions" of the client's first message names version 1.3 as 03 04.
        Assert.DoesNotContain("0304", SupportedVersions(Convert.ToHexString(await hello)));
    }

    private static string SupportedVersions(string hello)
    {
        var at = hello.IndexOf("002B00", StringComparison.Ordinal);
        return at < 0 ? "" : hello.Substring(at + 8, 2 * Convert.ToInt32(hello.Substring(at + 4, 4), 16));
    }

    private static string Credentials(NpgsqlConnectionStringBuilder settings) =>
        $"{Uri.EscapeDataString(settings.Username!)}:{Uri.EscapeDataString(settings.Password ?? "")}";

    private async Task<NpgsqlConnectionStringBuilder> SettingsAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(await server.ConnectionStringAsync());
        Assert.SkipWhen(settings.Password is null, "The server needs no password.");
        return settings;
    }

    private static async Task ReadAsync(string text)
    {
        await using var target = new PostgresMigrationTarget(PostgresConnectionString.Read(text), null, "default", 2);
        await target.ReadAsync(TestContext.Current.CancellationToken);
    }
}
