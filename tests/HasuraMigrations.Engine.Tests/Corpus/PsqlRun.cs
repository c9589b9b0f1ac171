using System.Diagnostics;
using HasuraMigrations.Engine.Sandbox;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>psql and pg_dump as the yardstick.</summary>
internal sealed class PsqlRun(PostgresBinaries programs, string connectionString)
{
    /// <summary>Runs files one after another, each in a session of its own, and stops at the first error.</summary>
    public async Task<string> ApplyAsync(IEnumerable<string> files)
    {
        var script = Path.GetTempFileName();
        await File.WriteAllTextAsync(script, string.Join("\\c -\n", files.Select(f => $"\\i '{f.Replace("'", "''", StringComparison.Ordinal)}'\n")));
        try
        {
            return await RunAsync(programs.Psql!, ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script, "-o", "/dev/null"]);
        }
        finally
        {
            File.Delete(script);
        }
    }

    /// <summary>The schema as text, without what the module and Hasura keep for themselves.</summary>
    public async Task<string> DumpAsync()
    {
        var dump = Path.GetTempFileName();
        try
        {
            await RunAsync(programs.PgDump!, ["--schema-only", "-N", "hasura_migrations", "-N", "hdb_catalog", "-f", dump]);
            // Newer minor versions write a random token into each dump.
            return string.Join('\n', (await File.ReadAllLinesAsync(dump)).Where(l => !l.StartsWith("\\restrict", StringComparison.Ordinal) && !l.StartsWith("\\unrestrict", StringComparison.Ordinal)));
        }
        finally
        {
            File.Delete(dump);
        }
    }

    private async Task<string> RunAsync(string program, string[] arguments)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["PGHOST"] = address.Host;
        start.Environment["PGPORT"] = $"{address.Port}";
        start.Environment["PGUSER"] = address.Username;
        start.Environment["PGPASSWORD"] = address.Password;
        start.Environment["PGDATABASE"] = address.Database;
        start.Environment["PGOPTIONS"] = "-c client_min_messages=error";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? "" : errors;
    }
}
