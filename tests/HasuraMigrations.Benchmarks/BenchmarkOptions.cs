using HasuraMigrations.Engine.Sandbox;
using Npgsql;

namespace HasuraMigrations.Benchmarks;

/// <summary>The arguments of the program: names with or without a value.</summary>
internal sealed class BenchmarkOptions(string[] args)
{
    /// <summary>Measure in two minutes: few runs, and less work where a run takes long.</summary>
    internal bool IsQuick => Has("--quick");

    internal bool Has(string name) => args.Contains(name);

    internal string Text(string name, string byDefault) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : byDefault;

    internal string Text(string name) => Has(name) ? Text(name, "") : throw new ArgumentException($"{name} is missing.");

    /// <summary>A number.</summary>
    /// <param name="name">Name of the argument.</param>
    /// <param name="byDefault">Its value without it.</param>
    /// <param name="quick">The same with <c>--quick</c>; null for no difference.</param>
    internal int Number(string name, int byDefault, int? quick = null) => Has(name) ? int.Parse(Text(name)) : IsQuick ? quick ?? byDefault : byDefault;

    /// <summary>How often each row is measured.</summary>
    internal int Repeats => Number("--repeats", 7, 3);

    /// <summary>The program of PowerShell; null where there is none.</summary>
    internal string? Pwsh => Has("--pwsh") ? Text("--pwsh") : Tools.Find("pwsh");

    /// <summary>Directory of the module: the package where it was made, else what the build stages.</summary>
    internal string Module => Path.GetFullPath(Has("--module") ? Text("--module") : Directory.Exists("out/package/HasuraMigrations") ? "out/package/HasuraMigrations" : "out/HasuraMigrations");

    /// <summary>Makes an empty database and returns its connection string.</summary>
    internal static async Task<string> CreateDatabaseAsync(PostgresSandbox sandbox, string prefix)
    {
        var name = $"{prefix}_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(sandbox.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(sandbox.ConnectionString) { Database = name }.ConnectionString;
    }
}
