using System.Runtime.InteropServices;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Sandbox;

// A program that was just written cannot be run while a process started by another test still holds its file open.
[CollectionDefinition(nameof(PostgresSearchTests), DisableParallelization = true)]
[Collection(nameof(PostgresSearchTests))]
public sealed class PostgresSearchTests : IDisposable
{
    private static readonly string[] Programs = ["postgres", "initdb", "pg_ctl", "psql", "pg_dump"];
    private readonly string _home = Directory.CreateTempSubdirectory("hasura-search-").FullName;
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public PostgresSearchTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs of these tests are shell scripts.");

    [Fact]
    public async Task The_variable_goes_before_the_path()
    {
        var named = Install("named", "97.2");
        var search = Search(named, Install("path", "97.5"));

        var found = await search.FindAsync(new SandboxOptions { Version = 97 }, Token);

        Assert.Equal((Path.Combine(named, "postgres"), new Version(97, 2)), (found!.Postgres, found.Version));
        Assert.Equal("HASURA_SANDBOX_POSTGRES", found.Origin);
    }

    [Fact]
    public async Task A_wanted_version_is_looked_for_in_every_place()
    {
        var search = Search(Install("named", "97.2"), Install("path", "98beta1"));

        var found = await search.FindAsync(new SandboxOptions { Version = 98 }, Token);

        Assert.Equal(new Version(98, 0), found!.Version);
    }

    [Fact]
    public async Task Clients_older_than_the_server_are_not_taken()
    {
        var search = Search(Install("server", "97.2", clients: "96.1"), Install("path", "98.0"));

        var found = await search.FindAsync(new SandboxOptions { Version = 97 }, Token);

        Assert.Equal(Path.Combine(_home, "path", "pg_dump"), found!.PgDump);
        Assert.Equal(Path.Combine(_home, "path", "psql"), found.Psql);
    }

    [Fact]
    public async Task A_server_without_clients_has_none()
    {
        var directory = Install("server", "97.2");
        File.Delete(Path.Combine(directory, "psql"));
        File.Delete(Path.Combine(directory, "pg_dump"));

        var found = await Search(directory, "").FindAsync(new SandboxOptions { Version = 97 }, Token);

        Assert.Equal((null, null), (found!.Psql, found.PgDump));
    }

    [Fact]
    public async Task What_does_not_fit_is_named_in_the_error()
    {
        var options = new SandboxOptions { Version = 99 };
        var search = Search(Install("named", "97.2"), "");

        Assert.Null(await search.FindAsync(options, Token));
        var failure = search.NotFound(options, "");

        Assert.Equal("PostgresNotFound", failure.ErrorId);
        Assert.Contains("PostgreSQL 99", failure.Message);
        Assert.Contains($"97.2 in {Path.Combine(_home, "named")}", failure.Message);
    }

    [Theory]
    [InlineData("missing", "does not exist")]
    [InlineData("file", "is a file")]
    [InlineData("empty", "contains no PostgreSQL programs.")]
    [InlineData("parent", "contains no PostgreSQL programs; they are in")]
    [InlineData("half", "contains postgres, but not initdb and pg_ctl")]
    [InlineData("broken", "contains a postgres that does not run")]
    [InlineData("old", "contains PostgreSQL 9.6; a sandbox requires version 12 or later")]
    public async Task A_named_directory_that_cannot_be_used_is_an_error_also_where_others_can(string named, string reason)
    {
        Prepare();
        var directory = Path.Combine(_home, named);
        var usable = Install("path", "97.5");

        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() => Search(directory, usable).FindAsync(new SandboxOptions(), Token));

        Assert.Equal(("PostgresDirectoryInvalid", directory), (failure.ErrorId, failure.Target));
        Assert.Contains($"HASURA_SANDBOX_POSTGRES names the directory '{directory}', which {reason}", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bin", "is not an absolute path")]
    [InlineData("~/pgsql/bin", "is not an absolute path")]
    public async Task A_named_directory_is_an_absolute_path(string named, string reason)
    {
        var search = Search(named, Install("path", "97.5"));

        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() => search.FindAsync(new SandboxOptions(), Token));

        Assert.Equal("PostgresDirectoryInvalid", failure.ErrorId);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_of_several_named_directories_that_cannot_be_used_is_an_error()
    {
        var search = Search($"{Install("named", "97.2")}{Path.PathSeparator}{Path.Combine(_home, "missing")}", "");

        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() => search.FindAsync(new SandboxOptions(), Token));

        Assert.Equal("PostgresDirectoryInvalid", failure.ErrorId);
    }

    [Fact]
    public async Task A_named_directory_of_clients_leaves_servers_to_the_path()
    {
        var clients = Install("clients", "97.2");
        File.Delete(Path.Combine(clients, "postgres"));
        var search = Search(clients, Install("path", "97.2"));

        var found = await search.FindAsync(new SandboxOptions { Version = 97 }, Token);

        Assert.Equal("PATH", found!.Origin);
        Assert.Equal(Path.Combine(clients, "pg_dump"), await search.FindClientAsync("pg_dump", 97, null, Token));
    }

    [Fact]
    public async Task A_client_is_not_looked_for_elsewhere_if_a_named_directory_cannot_be_used()
    {
        var search = Search(Path.Combine(_home, "missing"), Install("path", "97.2"));

        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() => search.FindClientAsync("pg_dump", 97, null, Token));

        Assert.Equal("PostgresDirectoryInvalid", failure.ErrorId);
    }

    [Fact]
    public async Task Without_npm_a_download_that_is_allowed_leaves_the_others_to_be_tried()
    {
        var options = new SandboxOptions { Version = 99, AllowDownload = true };
        var search = Search("", "");

        Assert.Null(await search.FindAsync(options, Token));
        var failure = search.NotFound(options, " Docker is not usable either.");

        Assert.Equal("PostgresNotFound", failure.ErrorId);
        Assert.EndsWith("npm is not in PATH. Docker is not usable either.", failure.Message, StringComparison.Ordinal);
        Assert.All(["Debian", "Windows", "macOS", "npm", "Docker"], w => Assert.Contains(w, failure.RecommendedAction!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_npm_that_fails_leaves_the_others_to_be_tried_and_is_the_reason_if_they_fail()
    {
        var options = new SandboxOptions { Version = 99, AllowDownload = true };
        var search = Search("", Path.GetDirectoryName(Program("npm", "echo 'no network' >&2; exit 1"))!);

        Assert.Null(await search.FindAsync(options, Token));
        var failure = search.NotFound(options, " Docker is not usable either.");

        Assert.Equal("SandboxDownloadFailed", failure.ErrorId);
        Assert.Contains("no network", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private static PostgresSearch Search(string named, string path) => new(name => name switch
    {
        "HASURA_SANDBOX_POSTGRES" => named,
        "PATH" => path,
        _ => null,
    });

    private void Prepare()
    {
        File.WriteAllText(Path.Combine(_home, "file"), "");
        Directory.CreateDirectory(Path.Combine(_home, "empty"));
        Install("parent/bin", "97.2");
        File.Delete(Path.Combine(Install("half", "97.2"), "initdb"));
        Install("broken", "97.2");
        Program("broken/postgres", "exit 1");
        Install("old", "9.6");
    }

    private string Install(string name, string version, string? clients = null)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_home, name)).FullName;
        foreach (var program in Programs)
        {
            var told = program is "psql" or "pg_dump" ? clients ?? version : version;
            Program(Path.Combine(name, program), $"echo '{program} (PostgreSQL) {told}'");
        }

        return directory;
    }

    private string Program(string path, string script)
    {
        var file = Path.Combine(_home, path);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        Machine.SetMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    [Theory]
    [Trait("Case", "17")]
    [InlineData("windows", Architecture.Arm64, "windows-x64")]
    [InlineData("windows", Architecture.X64, "windows-x64")]
    [InlineData("darwin", Architecture.Arm64, "darwin-arm64")]
    [InlineData("linux", Architecture.Arm64, "linux-arm64")]
    public void A_package_is_chosen_that_exists(string system, Architecture architecture, string expected) =>
        Assert.Equal(expected, EmbeddedPostgres.PlatformOf(system, architecture));

    [Theory]
    [Trait("Case", "17")]
    [InlineData("linux", true)]
    [InlineData("windows", false)]
    public void An_engine_for_containers_of_Windows_is_not_usable(string system, bool isUsable) =>
        Assert.Equal(isUsable, DockerServer.WhyNotOn(system) is null);
}
