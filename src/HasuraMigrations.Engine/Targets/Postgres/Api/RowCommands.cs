using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Api;

/// <summary>What a command on rows is about.</summary>
/// <param name="Session">A session on the database that has the rows.</param>
/// <param name="Era">The line of servers that is spoken for.</param>
/// <param name="Root">The metadata.</param>
/// <param name="Args">The arguments.</param>
/// <param name="CancellationToken">Stops it.</param>
internal sealed record RowCommandContext(NpgsqlConnection Session, MetadataEra Era, JsonObject Root, CommandArguments Args, CancellationToken CancellationToken);

/// <summary>A command on rows beside the metadata.</summary>
/// <param name="Body">What it does; returns the answer.</param>
/// <param name="IsOfSource">The rows lie in the database of a source; servers of version 2 have the command with a prefix.</param>
/// <param name="IsReadOnly">It changes nothing.</param>
internal sealed record RowCommand(Func<RowCommandContext, Task<JsonNode>> Body, bool IsOfSource, bool IsReadOnly = false);

/// <summary>Commands that work on rows beside the metadata: events, what clients keep in the catalog.</summary>
internal static class RowCommands
{
    private static readonly Dictionary<string, RowCommand> All = new(StringComparer.Ordinal)
    {
        ["get_catalog_state"] = new(CatalogStateCommands.ReadAsync, IsOfSource: false, IsReadOnly: true),
        ["set_catalog_state"] = new(CatalogStateCommands.WriteAsync, IsOfSource: false),
        ["create_scheduled_event"] = new(ScheduledEventCommands.CreateAsync, IsOfSource: false),
        ["delete_scheduled_event"] = new(ScheduledEventCommands.DeleteAsync, IsOfSource: false),
        ["get_scheduled_events"] = new(ScheduledEventCommands.EventsAsync, IsOfSource: false, IsReadOnly: true),
        ["get_scheduled_event_invocations"] = new(ScheduledEventCommands.InvocationsAsync, IsOfSource: false, IsReadOnly: true),
        ["get_event_invocations"] = new(ScheduledEventCommands.InvocationsAsync, IsOfSource: false, IsReadOnly: true),
        ["invoke_event_trigger"] = new(EventLogCommands.InvokeAsync, IsOfSource: true),
        ["redeliver_event"] = new(EventLogCommands.RedeliverAsync, IsOfSource: true),
        ["get_event_logs"] = new(EventLogCommands.EventsAsync, IsOfSource: true, IsReadOnly: true),
        ["get_event_invocation_logs"] = new(EventLogCommands.InvocationsAsync, IsOfSource: true, IsReadOnly: true),
        ["get_event_by_id"] = new(EventLogCommands.EventAsync, IsOfSource: true, IsReadOnly: true),
    };

    /// <summary>The names of all commands, without prefixes.</summary>
    internal static IEnumerable<string> Names => All.Keys;

    /// <summary>True for a command that changes nothing.</summary>
    /// <param name="name">The command, without a prefix.</param>
    internal static bool IsReading(string name) => All.TryGetValue(name, out var command) && command.IsReadOnly;

    /// <summary>The command of a name as <c>/v1/query</c> takes it; null where there is none.</summary>
    internal static RowCommand? Find(MetadataEra era, string name) => CommandNames.Find(All, era, name, c => c.IsOfSource);

    /// <summary>The command of a name as <c>/v1/metadata</c> takes it: those of sources with a prefix; null where there is none.</summary>
    internal static RowCommand? FindOfMetadata(MetadataEra era, string name) => CommandNames.FindOfMetadata(All, era, name, c => c.IsOfSource);

    /// <summary>The rows of a query, as objects.</summary>
    internal static async Task<JsonArray> ObjectsAsync(this RowCommandContext context, string query, params object?[] arguments)
    {
        var rows = await context.Session.RowsAsync($"SELECT pg_catalog.row_to_json(r)::pg_catalog.text FROM ({query}) r", arguments, context.CancellationToken).ConfigureAwait(false);
        return [.. rows.Select(r => JsonNode.Parse(r[0]!))];
    }

    /// <summary>How many rows are wanted, and from which on.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal static (int? Limit, int Offset) Page(this CommandArguments args, int? byDefault) => (args.MaybeCount("limit") ?? byDefault, args.MaybeCount("offset") ?? 0);
}
