using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;

namespace HasuraMigrations.Engine.Targets.Postgres.Api;

/// <summary>Events of event triggers, in the database of their source.</summary>
internal static class EventLogCommands
{
    private const int MostRows = 100;

    internal static async Task<JsonNode> InvokeAsync(RowCommandContext context)
    {
        var (name, payload) = (context.Args.Text("name"), context.Args.Needed("payload"));
        var (table, entry) = Trigger(context, name);
        if (entry["definition"].Get("enable_manual") is not JsonValue flag || !flag.TryGetValue<bool>(out var isManual) || !isManual)
        {
            throw new MetadataCommandException("not-supported", "manual mode is not enabled for event trigger");
        }

        var rows = await context.Session.RowsAsync(
            "SELECT hdb_catalog.insert_event_log($1, $2, $3, 'MANUAL', pg_catalog.json_build_object('old', NULL, 'new', $4::pg_catalog.text::pg_catalog.json))",
            [table.Schema, table.Name, name, payload?.ToText() ?? "null"],
            context.CancellationToken).ConfigureAwait(false);
        return new JsonObject { ["event_id"] = rows[0][0] };
    }

    internal static async Task<JsonNode> RedeliverAsync(RowCommandContext context)
    {
        var id = context.Args.Text("event_id");
        await RequireLogAsync(context).ConfigureAwait(false);
        // Servers of version 1 have a flag where those of version 2 have the time that the event was taken.
        var locked = context.Era.IsVersion1 ? "locked" : "locked IS NOT NULL";
        var rows = await context.Session.RowsAsync($"SELECT ({locked})::pg_catalog.text FROM hdb_catalog.event_log WHERE id = $1 FOR UPDATE", [id], context.CancellationToken).ConfigureAwait(false);
        if (rows is not [[var isBusy]])
        {
            throw NotFound();
        }

        if (isBusy == "true")
        {
            throw new MetadataCommandException("busy", "event is already being processed");
        }

        await context.Session.ExecuteAsync("UPDATE hdb_catalog.event_log SET delivered = false, error = false, tries = 0 WHERE id = $1", [id], context.CancellationToken).ConfigureAwait(false);
        return MetadataCommands.Success();
    }

    internal static async Task<JsonNode> EventsAsync(RowCommandContext context)
    {
        var (name, limit, offset) = Page(context);
        var chosen = context.Args.MaybeText("status") switch
        {
            null => "true",
            "pending" => "NOT delivered AND NOT error AND NOT archived",
            "processed" => "delivered OR error",
            var other => throw MetadataCommandException.Parse($"expected pending or processed, encountered {other}", "$.status"),
        };
        return await context.ObjectsAsync($"SELECT * FROM hdb_catalog.event_log WHERE trigger_name = $1 AND ({chosen}) ORDER BY created_at DESC, id LIMIT $2::pg_catalog.int8 OFFSET $3", name, limit, offset).ConfigureAwait(false);
    }

    internal static async Task<JsonNode> InvocationsAsync(RowCommandContext context)
    {
        var (name, limit, offset) = Page(context);
        return await context.ObjectsAsync(
            "SELECT l.* FROM hdb_catalog.event_invocation_logs l JOIN hdb_catalog.event_log e ON e.id = l.event_id WHERE e.trigger_name = $1 ORDER BY l.created_at DESC, l.id LIMIT $2::pg_catalog.int8 OFFSET $3",
            name,
            limit,
            offset).ConfigureAwait(false);
    }

    internal static async Task<JsonNode> EventAsync(RowCommandContext context)
    {
        var id = context.Args.Text("event_id");
        await RequireLogAsync(context).ConfigureAwait(false);
        var (limit, offset) = (context.Args.MaybeCount("invocation_log_limit") ?? MostRows, context.Args.MaybeCount("invocation_log_offset") ?? 0);
        var found = await context.ObjectsAsync("SELECT * FROM hdb_catalog.event_log WHERE id = $1", id).ConfigureAwait(false);
        return found is not [var one]
            ? throw NotFound()
            : new JsonObject
            {
                ["event"] = one!.DeepClone(),
                ["invocations"] = await context.ObjectsAsync("SELECT * FROM hdb_catalog.event_invocation_logs WHERE event_id = $1 ORDER BY created_at, id LIMIT $2::pg_catalog.int8 OFFSET $3", id, (long)limit, (long)offset).ConfigureAwait(false),
            };
    }

    private static (string Name, long Limit, long Offset) Page(RowCommandContext context)
    {
        var name = context.Args.Text("name");
        _ = Trigger(context, name);
        var (limit, offset) = context.Args.Page(MostRows);
        return (name, limit!.Value, offset);
    }

    private static (QualifiedName Table, JsonObject Entry) Trigger(RowCommandContext context, string name) => EventTriggerCommands.Find(context.Root, context.Args.Source, name);

    // The log comes with the first event trigger of a source.
    private static async Task RequireLogAsync(RowCommandContext context)
    {
        if (await context.Session.RowsAsync("SELECT 1::pg_catalog.text WHERE pg_catalog.to_regclass('hdb_catalog.event_log') IS NOT NULL", [], context.CancellationToken).ConfigureAwait(false) is [])
        {
            throw NotFound();
        }
    }

    private static MetadataCommandException NotFound() => MetadataCommandException.NotExists("event not found");
}
