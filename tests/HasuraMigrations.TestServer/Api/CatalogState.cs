using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets.Postgres;
using HasuraMigrations.TestServer.Sql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>What clients keep in the catalogue. It is replaced whole, and nobody looks whether somebody else wrote.</summary>
internal static class CatalogState
{
    internal static async Task<JsonNode> ReadAsync(SqlRunner runner, CancellationToken cancellationToken)
    {
        await using var session = await runner.OpenAsync(cancellationToken);
        var row = (await session.RowsAsync("SELECT hasura_uuid, cli_state, console_state FROM hdb_catalog.hdb_version", [], cancellationToken)).Single();
        return new JsonObject { ["id"] = row[0], ["cli_state"] = JsonNode.Parse(row[1]!), ["console_state"] = JsonNode.Parse(row[2]!) };
    }

    internal static async Task<JsonNode> WriteAsync(SqlRunner runner, JsonNode? args, CancellationToken cancellationToken)
    {
        if (args.Get("type").AsText() is not ("cli" or "console") || args.Get("state") is null)
        {
            throw HasuraError.Parse("unexpected value for key \"type\": expecting cli or console", "$.type");
        }

        await using var session = await runner.OpenAsync(cancellationToken);
        await session.ExecuteAsync($"UPDATE hdb_catalog.hdb_version SET {args!["type"].AsText()}_state = $1::text::jsonb", [args["state"].ToText()], cancellationToken);
        return Answers.Success();
    }
}
