using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;

namespace HasuraMigrations.Engine.Targets.Postgres.Api;

/// <summary>Events at a time: one-off ones, and those of cron triggers, which servers make.</summary>
internal static partial class ScheduledEventCommands
{
    internal static async Task<JsonNode> CreateAsync(RowCommandContext context)
    {
        var args = context.Args;
        var (webhook, at) = (args.Text("webhook"), args.Text("schedule_at"));
        if (!IsoTime().IsMatch(at) || !DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            throw MetadataCommandException.Parse($"{at} is not a time in ISO 8601", "$.schedule_at");
        }

        var retry = args.MaybeObject("retry_conf");
        WebhookHeaders.Require(args);
        var rows = await context.Session.RowsAsync(
            "INSERT INTO hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time, retry_conf, payload, header_conf, comment) VALUES ($1::pg_catalog.text::pg_catalog.json, $2, $3::pg_catalog.text::pg_catalog.json, $4::pg_catalog.text::pg_catalog.json, $5::pg_catalog.text::pg_catalog.json, $6) RETURNING id",
            [
                JsonValue.Create(webhook).ToText(),
                time.UtcDateTime,
                new JsonObject
                {
                    ["num_retries"] = retry.Get("num_retries")?.DeepClone() ?? 0,
                    ["retry_interval_seconds"] = retry.Get("retry_interval_seconds")?.DeepClone() ?? 10,
                    ["timeout_seconds"] = retry.Get("timeout_seconds")?.DeepClone() ?? 60,
                    ["tolerance_seconds"] = retry.Get("tolerance_seconds")?.DeepClone() ?? 21600,
                }.ToText(),
                args.Map["payload"]?.ToText(),
                (args.Map["headers"] is null ? new JsonArray() : args.List("headers")).ToText(),
                args.MaybeText("comment"),
            ],
            context.CancellationToken).ConfigureAwait(false);
        var answer = MetadataCommands.Success();
        if (!context.Era.IsVersion1)
        {
            answer["event_id"] = rows[0][0];
        }

        return answer;
    }

    internal static async Task<JsonNode> DeleteAsync(RowCommandContext context)
    {
        var (table, id) = (Table(context.Args), context.Args.Text("event_id"));
        return await context.Session.ExecuteAsync($"DELETE FROM hdb_catalog.{table}_events WHERE id = $1", [id], context.CancellationToken).ConfigureAwait(false) > 0
            ? MetadataCommands.Success()
            : throw new MetadataCommandException("not-found", $"event with id \"{id}\" does not exist", "$.event_id");
    }

    internal static async Task<JsonNode> EventsAsync(RowCommandContext context)
    {
        var (limit, offset) = context.Args.Page(null);
        var isCron = Table(context.Args) == "hdb_cron";
        var rows = isCron
            ? await context.ObjectsAsync("SELECT * FROM hdb_catalog.hdb_cron_events WHERE trigger_name = $1 ORDER BY scheduled_time, id LIMIT $2::pg_catalog.int8 OFFSET $3", CronTrigger(context), (long?)limit, (long)offset).ConfigureAwait(false)
            : await context.ObjectsAsync("SELECT * FROM hdb_catalog.hdb_scheduled_events ORDER BY scheduled_time, id LIMIT $1::pg_catalog.int8 OFFSET $2", (long?)limit, (long)offset).ConfigureAwait(false);
        return new JsonObject { ["events"] = rows };
    }

    internal static async Task<JsonNode> InvocationsAsync(RowCommandContext context)
    {
        var (limit, offset) = context.Args.Page(null);
        var table = Table(context.Args);
        var rows = context.Args.MaybeText("event_id") is { } id
            ? await context.ObjectsAsync($"SELECT * FROM hdb_catalog.{table}_event_invocation_logs WHERE event_id = $1 ORDER BY created_at, id LIMIT $2::pg_catalog.int8 OFFSET $3", id, (long?)limit, (long)offset).ConfigureAwait(false)
            : table == "hdb_cron"
            ? await context.ObjectsAsync("SELECT l.* FROM hdb_catalog.hdb_cron_event_invocation_logs l JOIN hdb_catalog.hdb_cron_events e ON e.id = l.event_id WHERE e.trigger_name = $1 ORDER BY l.created_at, l.id LIMIT $2::pg_catalog.int8 OFFSET $3", CronTrigger(context), (long?)limit, (long)offset).ConfigureAwait(false)
            : await context.ObjectsAsync("SELECT * FROM hdb_catalog.hdb_scheduled_event_invocation_logs ORDER BY created_at, id LIMIT $1::pg_catalog.int8 OFFSET $2", (long?)limit, (long)offset).ConfigureAwait(false);
        return new JsonObject { ["invocations"] = rows };
    }

    // Other forms mean different days in different countries.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?\z")]
    private static partial Regex IsoTime();

    private static string CronTrigger(RowCommandContext context)
    {
        var name = context.Args.Text("trigger_name");
        return context.Root.EntryAt("cron_triggers", "name", name) is not null ? name : throw MetadataCommandException.NotExists($"cron trigger with name{context.Era.Colon}{name} does not exist");
    }

    private static string Table(CommandArguments args) => args.Text("type") switch
    {
        "one_off" => "hdb_scheduled",
        "cron" => "hdb_cron",
        _ => throw MetadataCommandException.Parse("type must be one of one_off, cron", "$.type"),
    };
}
