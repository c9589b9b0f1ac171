using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Consistency;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>The functions and SQL triggers that write the events of an event trigger.</summary>
internal static class EventTriggerSql
{
    /// <summary>Drops what an event trigger left, and closes its events.</summary>
    internal static IEnumerable<string> Drop(MetadataEra era, string name) =>
    [
        .. DropFunctions(era, name, EventTriggerRules.Operations),
        $"UPDATE hdb_catalog.event_log SET archived = true WHERE trigger_name = {Literal(name)}",
    ];

    /// <summary>Drops the functions of operations, and with them the SQL triggers.</summary>
    internal static IEnumerable<string> DropFunctions(MetadataEra era, string name, IEnumerable<string> operations) =>
        operations.Select(o => $"DROP FUNCTION IF EXISTS {Schema(era)}.{Identifier(name, o)}() CASCADE");

    /// <summary>Makes functions and SQL triggers as an event trigger defines them, in place of those that are there.</summary>
    internal static IEnumerable<string> Create(MetadataEra era, TableInfo table, JsonObject trigger)
    {
        var (name, definition) = (trigger["name"].AsText() ?? "", trigger["definition"]);
        var on = $"{Quote(table.Name.Schema)}.{Quote(table.Name.Name)}";
        foreach (var operation in EventTriggerRules.Operations)
        {
            if (definition.Get(operation) is not JsonObject listens)
            {
                yield return DropFunctions(era, name, [operation]).Single();
                continue;
            }

            var identifier = Identifier(name, operation);
            yield return Function(era, table, name, operation, listens);
            yield return $"DROP TRIGGER IF EXISTS {identifier} ON {on}";
            yield return $"CREATE TRIGGER {identifier} AFTER {operation.ToUpperInvariant()} ON {on} FOR EACH ROW EXECUTE PROCEDURE {Schema(era)}.{identifier}()";
            if (trigger["trigger_on_replication"] is JsonValue flag && flag.TryGetValue<bool>(out var isAlways) && isAlways)
            {
                yield return $"ALTER TABLE {on} ENABLE ALWAYS TRIGGER {identifier}";
            }
        }
    }

    private static string Function(MetadataEra era, TableInfo table, string name, string operation, JsonObject listens)
    {
        var payload = Columns(table, listens["payload"]);
        string Row(string row, IEnumerable<string> columns) => $"row_to_json((SELECT \"_e\" FROM (SELECT {string.Join(", ", columns.Select(c => $"{row}.{Quote(c)} AS {Quote(c)}"))}) AS \"_e\"))";
        var old = operation == "insert" ? "NULL" : Row("OLD", payload);
        var next = operation == "delete" ? "NULL" : Row("NEW", payload);
        var write = $"PERFORM hdb_catalog.insert_event_log(CAST({Literal(table.Name.Schema)} AS text), CAST({Literal(table.Name.Name)} AS text), CAST({Literal(name)} AS text), TG_OP, json_build_object('old', {old}, 'new', {next}));";
        var compared = operation == "update" ? Columns(table, listens["columns"]) : [];
        string Compared(string row) => $"ROW({string.Join(", ", compared.Select(c => $"{row}.{Quote(c)}"))})";
        var body = operation == "update" ? $"""
            BEGIN
              IF {Compared("OLD")} <> {Compared("NEW")} THEN
                {write}
              END IF;
            EXCEPTION WHEN undefined_function THEN
              IF {Compared("OLD")} *<> {Compared("NEW")} THEN
                {write}
              END IF;
            END;
            """ : write;
        return $"CREATE OR REPLACE FUNCTION {Schema(era)}.{Identifier(name, operation)}() RETURNS trigger LANGUAGE plpgsql AS $hasura$\nBEGIN\n{body}\nRETURN NULL;\nEND;\n$hasura$";
    }

    private static List<string> Columns(TableInfo table, JsonNode? listed) => CommandWords.ColumnList(listed)?.ToList() ?? [.. table.Facts.Columns.Select(c => c.Name)];

    private static string Schema(MetadataEra era) => era.IsVersion1 ? "hdb_views" : "hdb_catalog";

    private static string Identifier(string name, string operation) => Quote($"notify_hasura_{name}_{operation.ToUpperInvariant()}");

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
