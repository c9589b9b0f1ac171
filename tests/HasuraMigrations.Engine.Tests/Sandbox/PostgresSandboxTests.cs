using System.Net.Sockets;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Sandbox;

public sealed class PostgresSandboxTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        try
        {
            await PostgresBinaries.FindAsync(new SandboxOptions(), Token);
        }
        catch (HasuraMigrationException exception)
        {
            Assert.Skip(exception.Message);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Starts_a_server_that_only_its_owner_can_use()
    {
        using var parent = new RealParent();
        var options = new SandboxOptions { ParentDirectory = parent.Path, Settings = new Dictionary<string, string> { ["application_name"] = "it's ours" } };
        await using var sandbox = await PostgresSandbox.StartAsync(options, Token);

        await TellsAboutItWithoutThePasswordAsync(sandbox);
        await RefusesAWrongPasswordAndListensOnNoSocketAsync(sandbox);
        await GivesUpSafetyAsync(sandbox, "off");
        if (!OperatingSystem.IsWindows())
        {
            KeepsItsDirectoryToItsOwner(sandbox);
        }
    }

    [Fact]
    public async Task A_durable_one_keeps_what_was_committed()
    {
        var options = new SandboxOptions { Durable = true, Settings = new Dictionary<string, string> { ["application_name"] = "it's ours" } };
        await using var sandbox = await PostgresSandbox.StartAsync(options, Token);

        await GivesUpSafetyAsync(sandbox, "on");
    }

    [Fact]
    public async Task Several_run_at_once_and_each_is_gone_when_it_is_stopped()
    {
        var sandboxes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => PostgresSandbox.StartAsync(cancellationToken: Token)));

        Assert.Distinct(sandboxes.Select(s => s.Info.Port));
        Assert.Distinct(sandboxes.Select(s => s.Info.Id));
        foreach (var sandbox in sandboxes)
        {
            Assert.Equal("1", await ScalarAsync(sandbox, "SELECT '1'"));
            await sandbox.StopAsync();
            await sandbox.StopAsync();

            Assert.False(Directory.GetParent(sandbox.Info.DataDirectory!)!.Exists);
            Assert.False(await AnswersAsync(sandbox.Info.Port));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ends_with_its_owner_however_that_ends(bool killed)
    {
        using var owner = await SandboxOwnerProcess.StartAsync();
        Assert.True(await AnswersAsync(owner.Port));

        if (killed)
        {
            owner.Kill();
        }
        else
        {
            owner.Leave();
        }

        await UntilAsync(() => !Directory.Exists(Path.GetDirectoryName(owner.DataDirectory)));
        Assert.False(await AnswersAsync(owner.Port));
    }

    [Fact]
    public async Task A_setting_the_server_refuses_is_an_error_with_the_servers_own_words()
    {
        var options = new SandboxOptions { Settings = new Dictionary<string, string> { ["max_connections"] = "many" } };

        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() => PostgresSandbox.StartAsync(options, Token));

        Assert.Equal("SandboxStartFailed", failure.ErrorId);
        Assert.Contains("invalid value for parameter \"max_connections\"", failure.Message);
        Assert.False(Directory.GetParent((string)failure.Target!)!.Exists);
    }

    [Fact]
    public async Task A_version_nobody_has_is_an_error_that_says_what_was_seen()
    {
        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() =>
            PostgresSandbox.StartAsync(new SandboxOptions { Version = 99 }, Token));

        // A machine with Docker looks for an image instead.
        Assert.Contains(failure.ErrorId, new[] { "PostgresNotFound", "SandboxStartFailed" });
        Assert.Contains("99", failure.Message);
    }

    [Fact]
    public async Task A_cancelled_start_leaves_nothing_behind()
    {
        using var parent = new RealParent();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        source.CancelAfter(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PostgresSandbox.StartAsync(new SandboxOptions { ParentDirectory = parent.Path }, source.Token));

        await UntilAsync(() => !Directory.EnumerateFileSystemEntries(parent.Path).Any());
    }

    private static async Task TellsAboutItWithoutThePasswordAsync(PostgresSandbox sandbox)
    {
        var password = new NpgsqlConnectionStringBuilder(sandbox.ConnectionString).Password!;
        Assert.Equal("UTF8", await ScalarAsync(sandbox, "SHOW server_encoding"));
        Assert.Equal(sandbox.Info.Version.Major.ToString(), (await ScalarAsync(sandbox, "SHOW server_version"))!.Split('.')[0]);
        Assert.Equal(sandbox.Info.ProcessId, System.Diagnostics.Process.GetProcessById(sandbox.Info.ProcessId!.Value).Id);
        Assert.DoesNotContain(password, sandbox.ToString());
        Assert.DoesNotContain(password, System.Text.Json.JsonSerializer.Serialize(sandbox.Info));
        Assert.Equal(sandbox.ConnectionString, sandbox.Info.GetConnectionString());
    }

    private static async Task RefusesAWrongPasswordAndListensOnNoSocketAsync(PostgresSandbox sandbox)
    {
        var wrong = new NpgsqlConnectionStringBuilder(sandbox.ConnectionString) { Password = "wrong", Pooling = false };

        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Token));

        Assert.Equal("28P01", refused.SqlState);
        Assert.Equal("", await ScalarAsync(sandbox, "SHOW unix_socket_directories"));
        Assert.Equal("127.0.0.1", await ScalarAsync(sandbox, "SHOW listen_addresses"));
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void KeepsItsDirectoryToItsOwner(PostgresSandbox sandbox)
    {
        var home = new DirectoryInfo(sandbox.Info.DataDirectory!).Parent!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, home.UnixFileMode);
        Assert.DoesNotContain(home.EnumerateFiles(), f => f.Name == "password");
    }

    private static async Task GivesUpSafetyAsync(PostgresSandbox sandbox, string expected)
    {
        Assert.Equal(expected, await ScalarAsync(sandbox, "SHOW fsync"));
        Assert.Equal(expected, await ScalarAsync(sandbox, "SHOW synchronous_commit"));
        Assert.Equal(expected, await ScalarAsync(sandbox, "SHOW full_page_writes"));
        Assert.Equal("it's ours", await ScalarAsync(sandbox, "SELECT reset_val FROM pg_settings WHERE name = 'application_name'"));
    }

    private static async Task<string?> ScalarAsync(PostgresSandbox sandbox, string sql)
    {
        await using var connection = new NpgsqlConnection(sandbox.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        return (string?)await command.ExecuteScalarAsync(Token);
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, Token);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }

    /// <summary>Where clusters are made by the real <c>initdb</c>, for whoever runs it.</summary>
    private sealed class RealParent : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory(QuickClusters.RealMark).FullName;

        public RealParent()
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(Path, (UnixFileMode)0x1ED);
            }
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
