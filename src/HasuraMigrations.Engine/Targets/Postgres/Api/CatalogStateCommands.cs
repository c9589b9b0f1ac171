using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;

namespace HasuraMigrations.Engine.Targets.Postgres.Api;

/// <summary>What clients keep in the catalog. It is replaced whole, and nobody looks whether somebody else wrote.</summary>
internal static class CatalogStateCommands
{
    internal static async Task<JsonNode> ReadAsync(RowCommandContext context)
    {
        var rows = await context.Session.RowsAsync("SELECT hasura_uuid, cli_state, console_state FROM hdb_catalog.hdb_version", [], context.CancellationToken).ConfigureAwait(false);
        var row = rows.Single();
        return new JsonObject { ["id"] = row[0], ["cli_state"] = JsonNode.Parse(row[1]!), ["console_state"] = JsonNode.Parse(row[2]!) };
    }

    internal static async Task<JsonNode> WriteAsync(RowCommandContext context)
    {
        var type = context.Args.Text("type");
        var state = context.Args.Needed("state");
        if (type is not ("cli" or "console"))
        {
            throw MetadataCommandException.Parse("unexpected value for key \"type\": expecting cli or console", "$.type");
        }

        await context.Session.ExecuteAsync($"UPDATE hdb_catalog.hdb_version SET {type}_state = $1::pg_catalog.text::pg_catalog.jsonb", [state.ToText()], context.CancellationToken).ConfigureAwait(false);
        return MetadataCommands.Success();
    }
}
