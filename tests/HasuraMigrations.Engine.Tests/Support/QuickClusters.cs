using System.Runtime.Versioning;
using HasuraMigrations.Engine.Tests.Support;

[assembly: AssemblyFixture(typeof(QuickClusters))]

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>
/// Programs of PostgreSQL for a test run, whose <c>initdb</c> copies the cluster of an earlier call with the same arguments, and sets its
/// password. The first call, and each one for a directory below <see cref="RealMark"/>, runs the real program. A tenth of the processor time of a
/// run went to <c>initdb</c>. Does nothing on Windows, where no server is installed, and where somebody named other programs.
/// </summary>
public sealed class QuickClusters : IDisposable
{
    /// <summary>Part of the path of a directory whose cluster the real <c>initdb</c> makes.</summary>
    public const string RealMark = "real-initdb";

    private const string Variable = "HASURA_SANDBOX_POSTGRES";
    private const string Installed = "/usr/lib/postgresql";
    private readonly string? _directory;

    public QuickClusters()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } || Programs() is not { } programs)
        {
            return;
        }

        _directory = Directory.CreateTempSubdirectory("hasura-test-programs-").FullName;
        Readable(_directory);
        // The sandbox runs its programs as somebody who is not root.
        var clusters = Directory.CreateDirectory(Path.Combine(_directory, "clusters")).FullName;
        File.SetUnixFileMode(clusters, (UnixFileMode)0x1FF);
        foreach (var program in Directory.EnumerateFiles(programs).Where(p => Path.GetFileName(p) is not ("initdb" or "postgres")))
        {
            File.CreateSymbolicLink(Path.Combine(_directory, Path.GetFileName(program)), program);
        }

        // A link to it would lead to the real initdb, which lies beside it. What its libraries look up when it is first called, each session would look up
        // anew, most of it at its end: a twentieth of what a short session takes.
        Script("postgres", $"export LD_BIND_NOW=1\nexec {programs}/postgres \"$@\"\n");
        Script("initdb", Copying.Replace("PROGRAMS", programs, StringComparison.Ordinal).Replace("CLUSTERS", clusters, StringComparison.Ordinal).Replace("MARK", RealMark, StringComparison.Ordinal));
        Environment.SetEnvironmentVariable(Variable, _directory);
    }

    public void Dispose()
    {
        if (_directory is not null)
        {
            Environment.SetEnvironmentVariable(Variable, null);
            Directory.Delete(_directory, recursive: true);
        }
    }

    // Each program that it starts costs as much as a query, so the shell does what it can by itself. A cluster is its owner's alone (-O). Setting a
    // password takes few buffers, and a server that lives for one test few, too, and none of the processes that look after it over time.
    private const string Copying = """
        set -e
        for argument in "$@"; do
            case "$previous" in -D) directory=$argument ;; esac
            case "$argument" in --pwfile=*) file=${argument#--pwfile=} ;; "$directory") ;; *) key="$key $argument" ;; esac
            previous=$argument
        done
        case "$directory" in *MARK*) exec PROGRAMS/initdb "$@" ;; esac
        case "$key" in */*) exec PROGRAMS/initdb "$@" ;; esac
        cluster="CLUSTERS/$key"
        password=
        test -z "$file" || IFS= read -r password < "$file" || test -n "$password"
        case "$directory:$password" in :*|*:|*"'"*) exec PROGRAMS/initdb "$@" ;; esac
        if [ -O "$cluster" ]; then
            cp -R "$cluster" "$directory"
            exec PROGRAMS/postgres --single -F -c shared_buffers=1MB -c max_connections=4 -c max_wal_senders=0 -D "$directory" template1 > "$directory.log" << END
        ALTER ROLE postgres PASSWORD '$password'
        END
        else
            PROGRAMS/initdb "$@"
            # Others may be at it.
            if mkdir "$cluster.making" 2> "$directory.log"; then
                cp -R "$directory" "$cluster.making/new"
                printf '%s\n' 'shared_buffers = 16MB' 'autovacuum = off' 'max_logical_replication_workers = 0' >> "$cluster.making/new/postgresql.conf"
                mv "$cluster.making/new" "$cluster"
            fi
        fi

        """;

    private static string? Programs()
    {
        if (!Directory.Exists(Installed))
        {
            return null;
        }

        return Directory.EnumerateDirectories(Installed).OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var major) ? major : 0)
            .Select(d => Path.Combine(d, "bin")).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")));
    }

    [UnsupportedOSPlatform("windows")]
    private void Script(string name, string text)
    {
        var path = Path.Combine(_directory!, name);
        File.WriteAllText(path, $"#!/bin/sh\n{text.ReplaceLineEndings("\n")}");
        Readable(path);
    }

    [UnsupportedOSPlatform("windows")]
    private static void Readable(string path) => File.SetUnixFileMode(
        path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
}
