using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Sandbox;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The dump of a database by the real program.</summary>
internal static class PgDump
{
    private static readonly string[] Noise =
    [
        "SET statement_timeout = 0;", "SET lock_timeout = 0;", "SET idle_in_transaction_session_timeout = 0;", "SET client_encoding = 'UTF8';",
        "SET standard_conforming_strings = on;", "SELECT pg_catalog.set_config('search_path', '', false);", "SET xmloption = content;",
        "SET client_min_messages = warning;", "SET row_security = off;", "SET default_tablespace = '';", "SET default_with_oids = false;",
        "SET default_table_access_method = heap;", "CREATE SCHEMA public;", "COMMENT ON SCHEMA public IS 'standard public schema';",
    ];

    /// <summary>Dumps.</summary>
    /// <exception cref="MetadataCommandException">parse-failed; unexpected with what the program said.</exception>
    internal static async Task<string> RunAsync(JsonNode? args, IHasuraApi api, CancellationToken cancellationToken)
    {
        if (args.Get("opts") is not JsonArray opts)
        {
            throw MetadataCommandException.Parse("the key 'opts' was not present");
        }

        var settings = new NpgsqlConnectionStringBuilder(Engine.Targets.Postgres.ConnectionStrings.PostgresConnectionString.Read(api.DatabaseOf(args.Get("source").AsText() ?? "default")).RevealConnectionString());
        var program = await PostgresBinaries.FindClientAsync("pg_dump", await MajorAsync(settings.ConnectionString, cancellationToken), cancellationToken)
            ?? throw Failed("there is no pg_dump that is new enough");
        var start = ProgramRun.Prepare(program, ["--encoding=utf8", .. opts.AsTexts()]);
        start.Environment["PGHOST"] = settings.Host;
        start.Environment["PGPORT"] = $"{settings.Port}";
        start.Environment["PGUSER"] = settings.Username;
        start.Environment["PGPASSWORD"] = settings.Password;
        start.Environment["PGDATABASE"] = settings.Database;
        var run = await ProgramRun.RunAsync(start, cancellationToken);
        return !run.Succeeded ? throw Failed(run.Error)
            : args.Get("clean_output")?.GetValue<bool>() == true ? Clean(run.Output)
            : run.Output;
    }

    private static string Clean(string dump) =>
        string.Concat(dump.Split('\n').Where(l => l.Length > 0 && !l.StartsWith("--", StringComparison.Ordinal) && !Noise.Contains(l)).Select(l => l + "\n"));

    private static async Task<int> MajorAsync(string connectionString, CancellationToken cancellationToken)
    {
        // Types are looked up in the search path of the database, and none are of use here.
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { ["Server Compatibility Mode"] = "NoTypeLoading", Pooling = false }.ConnectionString);
        await session.OpenAsync(cancellationToken);
        return session.PostgreSqlVersion.Major;
    }

    private static MetadataCommandException Failed(string why) => new("unexpected", "error while executing pg_dump", details: JsonValue.Create(why), status: 500);
}
