using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The command <c>select</c> as far as Hasura's CLI uses it: some columns of all rows of a tracked table.</summary>
internal static class SelectCommand
{
    private const string IsTracked = "SELECT 1 FROM hdb_catalog.hdb_table WHERE table_schema = $1 AND table_name = $2";

    /// <summary>The rows.</summary>
    /// <exception cref="MetadataCommandException">parse-failed, not-exists, not-supported.</exception>
    internal static async Task<JsonNode> RunAsync(NpgsqlConnection session, JsonNode? args, CancellationToken cancellationToken)
    {
        if (QualifiedName.Read(args.Get("table")) is not { } table)
        {
            throw MetadataCommandException.Parse("the key 'table' was not present");
        }

        if ((await session.RowsAsync(IsTracked, [table.Schema, table.Name], cancellationToken)).Count == 0)
        {
            throw MetadataCommandException.NotExists($"table \"{table}\" does not exist", "$.table");
        }

        if (args!.AsObject().Any(a => a.Key is not ("table" or "columns")))
        {
            throw new MetadataCommandException("not-supported", "this server selects columns of all rows only");
        }

        var columns = string.Join(", ", args["columns"].AsTexts().Select(Quote));
        var rows = await session.RowsAsync($"SELECT pg_catalog.row_to_json(r) FROM (SELECT {columns} FROM {Quote(table.Schema)}.{Quote(table.Name)}) r", [], cancellationToken);
        return new JsonArray([.. rows.Select(r => JsonNode.Parse(r[0]!))]);
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
