using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Sandbox;

// Programs are written and run here, too.
[Collection(nameof(PostgresSearchTests))]
public sealed class ProgramVersionsTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("hasura-versions-").FullName;
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ProgramVersionsTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs of these tests are shell scripts.");

    [Fact]
    public async Task A_program_is_asked_once()
    {
        var program = Write("pg_dump", "15.18");

        var told = new[] { await AskAsync(program), await AskAsync(program), await AskAsync(program) };

        Assert.Equal([new Version(15, 18), new Version(15, 18), new Version(15, 18)], told);
        Assert.Equal(1, Calls());
    }

    [Fact]
    public async Task A_replaced_program_is_asked_again()
    {
        var program = Write("pg_dump", "15.18");
        Assert.Equal(new Version(15, 18), await AskAsync(program));
        var before = File.GetLastWriteTimeUtc(program);

        // Of the same length.
        Write("pg_dump", "15.19");
        File.SetLastWriteTimeUtc(program, before.AddSeconds(1));
        Assert.Equal(new Version(15, 19), await AskAsync(program));

        // Of the same time.
        Write("pg_dump", "16.1");
        File.SetLastWriteTimeUtc(program, before.AddSeconds(1));
        Assert.Equal(new Version(16, 1), await AskAsync(program));
    }

    [Fact]
    public async Task A_link_is_asked_again_when_what_it_leads_to_is_replaced()
    {
        var program = Write("pg_dump-15", "15.18");
        var link = Path.Combine(_home, "pg_dump");
        File.CreateSymbolicLink(link, program);
        Assert.Equal(new Version(15, 18), await AskAsync(link));

        Write("pg_dump-15", "15.2");

        Assert.Equal(new Version(15, 2), await AskAsync(link));
        Assert.Equal(new Version(15, 2), await AskAsync(link));
        Assert.Equal(2, Calls());
    }

    [Fact]
    public async Task A_script_that_chose_an_older_program_is_asked_again()
    {
        var program = Write("pg_dump", "$(cat \"$0.version\")");
        await File.WriteAllTextAsync($"{program}.version", "15.18", Token);
        Assert.Equal(new Version(15, 18), await AskAsync(program));

        await File.WriteAllTextAsync($"{program}.version", "17.5", Token);

        Assert.Equal(new Version(15, 18), await AskAsync(program));
        Assert.Equal(new Version(17, 5), await AskAsync(program, minimum: 16));
        Assert.Equal(2, Calls());
    }

    [Fact]
    public async Task A_failure_is_not_remembered()
    {
        var program = Write("pg_dump", "15.18", "exit 1");
        Assert.Null(await AskAsync(program));
        var other = Write("pg_dump", "of somebody else");
        Assert.Null(await AskAsync(other));
        Assert.Null(await AskAsync(Path.Combine(_home, "missing")));

        Write("pg_dump", "15.18");

        Assert.Equal(new Version(15, 18), await AskAsync(program));
    }

    [Fact]
    public async Task Searches_share_what_programs_told()
    {
        foreach (var name in new[] { "postgres", "initdb", "pg_ctl", "psql", "pg_dump" })
        {
            Write(name, "97.2");
        }

        for (var search = 0; search < 2; search++)
        {
            Assert.NotNull(await Search().FindAsync(new SandboxOptions { Version = 97 }, Token));
            Assert.NotNull(await Search().FindClientAsync("pg_dump", 97, null, Token));
        }

        // Of postgres, psql and pg_dump.
        Assert.Equal(3, Calls());
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private static Task<Version?> AskAsync(string program, int minimum = 0) => ProgramVersions.ReadAsync(program, v => v.Major >= minimum, Token);

    private PostgresSearch Search() => new(name => name == "HASURA_SANDBOX_POSTGRES" ? _home : null);

    private int Calls() => File.ReadAllLines(Path.Combine(_home, "calls")).Length;

    // It leaves a line for each call.
    private string Write(string name, string version, string end = "")
    {
        var file = Path.Combine(_home, name);
        File.WriteAllText(file, $"#!/bin/sh\necho >> {_home}/calls\necho \"{name} (PostgreSQL) {version}\"\n{end}\n");
        Machine.SetMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }
}
