using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Sandbox;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The dump of a database by the real program.</summary>
internal static partial class PgDump
{
    // Servers of version 2 keep it, so that functions of the dump can be made.
    private const string NoiseOfVersion1 = "SET check_function_bodies = false;";

    private static readonly string[] Noise =
    [
        "SET statement_timeout = 0;", "SET lock_timeout = 0;", "SET idle_in_transaction_session_timeout = 0;", "SET client_encoding = 'UTF8';",
        "SET standard_conforming_strings = on;", "SELECT pg_catalog.set_config('search_path', '', false);", "SET xmloption = content;",
        "SET client_min_messages = warning;", "SET row_security = off;", "SET default_tablespace = '';", "SET default_with_oids = false;",
        "SET default_table_access_method = heap;", "CREATE SCHEMA public;", "COMMENT ON SCHEMA public IS 'standard public schema';",
    ];

    /// <summary>Dumps.</summary>
    /// <param name="args">The body of the request.</param>
    /// <param name="api">Knows the databases.</param>
    /// <param name="isVersion1">True for the lines that servers of version 1 leave out.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MetadataCommandException">parse-failed; not-found for a source; unexpected with what the program said.</exception>
    internal static async Task<string> RunAsync(JsonNode? args, IHasuraApi api, bool isVersion1, CancellationToken cancellationToken)
    {
        if (args.Get("opts") is not JsonArray opts)
        {
            throw MetadataCommandException.Parse("the key 'opts' was not present");
        }

        var settings = new NpgsqlConnectionStringBuilder(Engine.Targets.Postgres.ConnectionStrings.PostgresConnectionString.Read(DatabaseOf(api, args.Get("source").AsText() ?? "default")).RevealConnectionString());
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
            : args.Get("clean_output")?.GetValue<bool>() == true ? Clean(run.Output, isVersion1)
            : run.Output;
    }

    private static string Clean(string dump, bool isVersion1) =>
        string.Concat(dump.Split('\n').Where(l => !IsNoise(l) && !(isVersion1 && l == NoiseOfVersion1)).Select(l => l + "\n"));

    // By lines, so that also those within bodies and values are left out.
    private static bool IsNoise(string line) =>
        line.Length == 0 || line.StartsWith("--", StringComparison.Ordinal) || Noise.Contains(line) || EventTrigger().IsMatch(line);

    private static string DatabaseOf(IHasuraApi api, string source)
    {
        try
        {
            return api.DatabaseOf(source);
        }
        catch (MetadataCommandException e) when (e.Code == "not-exists")
        {
            throw new MetadataCommandException("not-found", e.Message);
        }
    }

    private static async Task<int> MajorAsync(string connectionString, CancellationToken cancellationToken)
    {
        // Types are looked up in the search path of the database, and none are of use here.
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { ["Server Compatibility Mode"] = "NoTypeLoading", Pooling = false }.ConnectionString);
        await session.OpenAsync(cancellationToken);
        return session.PostgreSqlVersion.Major;
    }

    private static MetadataCommandException Failed(string why) => new("unexpected", "error while executing pg_dump", details: JsonValue.Create(why), status: 500);

    [GeneratedRegex("""^CREATE TRIGGER "?notify_hasura_.+ AFTER \w+ ON .+ FOR EACH ROW EXECUTE (?:FUNCTION|PROCEDURE) (?:hdb_catalog|hdb_views)\."?notify_hasura_.+\(\);$""", RegexOptions.CultureInvariant)]
    private static partial Regex EventTrigger();
}
