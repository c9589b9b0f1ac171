using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The command <c>insert</c> as far as set-ups use it: rows of a tracked table, given as objects.</summary>
internal static class InsertCommand
{
    /// <summary>Inserts.</summary>
    /// <exception cref="MetadataCommandException">parse-failed, not-exists, postgres-error.</exception>
    internal static async Task<JsonNode> RunAsync(NpgsqlConnection session, JsonNode? args, CancellationToken cancellationToken)
    {
        if (QualifiedName.Read(args.Get("table")) is not { } table || args.Get("objects") is not JsonArray objects)
        {
            throw MetadataCommandException.Parse("the key 'objects' was not present");
        }

        var (name, count) = ($"{Quote(table.Schema)}.{Quote(table.Name)}", 0);
        foreach (var row in objects.OfType<JsonObject>())
        {
            var columns = string.Join(", ", row.Select(m => Quote(m.Key)));
            try
            {
                count += await session.ExecuteAsync($"INSERT INTO {name} ({columns}) SELECT {columns} FROM pg_catalog.jsonb_populate_record(NULL::{name}, $1::text::jsonb)", [row.ToText()], cancellationToken);
            }
            catch (PostgresException e)
            {
                throw new MetadataCommandException("constraint-violation", e.MessageText);
            }
        }

        return new JsonObject { ["affected_rows"] = count };
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
