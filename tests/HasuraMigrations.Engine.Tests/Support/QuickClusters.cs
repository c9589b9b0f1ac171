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

        // A link to it would lead to the real initdb, which lies beside it.
        Script("postgres", $"exec {programs}/postgres \"$@\"\n");
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

    private const string Copying = """
        set -e
        for argument in "$@"; do
            case "$previous" in -D) directory=$argument ;; esac
            case "$argument" in --pwfile=*) file=${argument#--pwfile=} ;; "$directory") ;; *) key="$key $argument" ;; esac
            previous=$argument
        done
        cluster=CLUSTERS/$(id -u)-$(printf %s "$key" | cksum | tr -d ' ')
        case "$directory" in *MARK*) exec PROGRAMS/initdb "$@" ;; esac
        if [ -n "$directory" ] && [ -n "$file" ] && [ -d "$cluster" ]; then
            cp -R "$cluster" "$directory"
            password=$(sed "s/'/''/g" "$file")
            echo "ALTER ROLE postgres PASSWORD '$password'" | PROGRAMS/postgres --single -F -D "$directory" template1 > "$directory.log" 2>&1 || { cat "$directory.log" >&2; exit 1; }
        else
            PROGRAMS/initdb "$@"
            # Others may be at it.
            if [ -n "$directory" ] && mkdir "$cluster.making" 2> "$directory.log"; then
                cp -R "$directory" "$cluster.making/new"
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
