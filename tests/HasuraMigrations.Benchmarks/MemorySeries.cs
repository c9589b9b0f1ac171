using System.Diagnostics;
using System.Globalization;
using System.Text;
using HasuraMigrations.Engine.Sandbox;

namespace HasuraMigrations.Benchmarks;

/// <summary>Peak memory (VmHWM) of a whole <c>pwsh</c> for each of some large jobs, over that of one that does nothing. Linux only.</summary>
internal static class MemorySeries
{
    private const string Peak = "[long](((Get-Content /proc/self/status) -match '^VmHWM')[0] -replace '\\D') / 1024";

    internal static async Task RunAsync(PostgresSandbox sandbox, Func<string, Task<string>> createAsync, string module, string pwsh, int count, int megabytes)
    {
        var idle = Run(pwsh, "$null");
        Console.WriteLine($"PostgreSQL {sandbox.Info.Version}; an idle pwsh takes {idle.Megabytes:N0} MB. Peaks over it:");
        using (var many = new MigrationFiles(count))
        {
            await SeriesAsync($"{count} migrations", many.Project);
        }

        foreach (var (title, line) in Kinds)
        {
            var project = LargeProject(line, megabytes);
            await SeriesAsync($"one migration of {megabytes} MB, {title}", project);
            Directory.Delete(project, recursive: true);
        }

        async Task SeriesAsync(string title, string project)
        {
            var database = await createAsync("memory");
            foreach (var (name, command) in Jobs)
            {
                var used = Run(pwsh, $"Import-Module '{module}'; $p = @{{ Project = '{project}'; ConnectionString = '{database}' }}; {command}");
                Console.WriteLine($"{title + ": " + name,-88} {used.Megabytes - idle.Megabytes,6:N0} MB {used.Seconds,7:N1} s");
            }
        }
    }

    private static readonly (string Name, string Command)[] Jobs =
    [
        ("run", "Invoke-HasuraMigration @p -Confirm:$false | Out-Null"),
        ("run again, nothing to do", "Invoke-HasuraMigration @p -Confirm:$false | Out-Null"),
        ("status", "Get-HasuraMigration @p | Out-Null"),
    ];

    private static readonly (string Title, Func<int, string> Line)[] Kinds =
    [
        ("INSERTs of one row", i => $"INSERT INTO large (id, name, note) VALUES ({i}, 'name {i * 7919 % 100003}', 'some text that is as long as such texts are, number {i}');\n"),
        ("INSERTs of 64 KB of random hex", _ => $"INSERT INTO large (note) VALUES ('{Convert.ToHexString(Random(32768))}');\n"),
    ];

    private static readonly Random Seeded = new(1);

    private static byte[] Random(int length)
    {
        var bytes = new byte[length];
        Seeded.NextBytes(bytes);
        return bytes;
    }

    private static string LargeProject(Func<int, string> line, int megabytes)
    {
        var project = Directory.CreateTempSubdirectory("hasura-memory-").FullName;
        File.WriteAllText(Path.Combine(project, "config.yaml"), "version: 3\n");
        var directory = Directory.CreateDirectory(Path.Combine(project, "migrations", "default", "1700000000001_large")).FullName;
        File.WriteAllText(Path.Combine(directory, "down.sql"), "DROP TABLE large;\n");
        using var file = new StreamWriter(Path.Combine(directory, "up.sql"), append: false, new UTF8Encoding(false));
        file.Write("CREATE TABLE large (id int, name text, note text);\n");
        long length = 0;
        for (var i = 1; length < megabytes * 1_000_000L; i++)
        {
            var text = line(i);
            length += text.Length;
            file.Write(text);
        }

        return project;
    }

    private static (double Megabytes, double Seconds) Run(string pwsh, string command)
    {
        var start = new ProcessStartInfo(pwsh, ["-NoProfile", "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; $WarningPreference = 'SilentlyContinue'; {command}; [string]({Peak})"]) { RedirectStandardOutput = true };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? (double.Parse(output.TrimEnd().Split('\n')[^1], CultureInfo.InvariantCulture), clock.Elapsed.TotalSeconds)
            : throw new InvalidOperationException($"The job failed: {output}");
    }
}
