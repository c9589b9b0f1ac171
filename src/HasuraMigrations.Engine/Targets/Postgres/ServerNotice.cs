using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Tells running servers that the tables of a source changed, the way they tell each other.</summary>
internal static class ServerNotice
{
    internal static async Task SendAsync(RunContext context, NpgsqlConnection session, DatabaseProbe probe, CancellationToken cancellationToken)
    {
        try
        {
            if (probe is { HasMetadata: true, HasNotifications: true })
            {
                await session.ExecuteAsync(SqlResource.NotifyServer2, [context.Database, Guid.NewGuid()], cancellationToken).ConfigureAwait(false);
            }
            else if (probe.HasUpdateEvent)
            {
                await session.ExecuteAsync(SqlResource.NotifyServer1, [Guid.NewGuid()], cancellationToken).ConfigureAwait(false);
            }
            else
            {
                Tell(context, "ReloadUnknown", FindingSeverity.Information, "No metadata of Hasura's is known here, so a running server was not told of the change; if there is one, reload its metadata.");
            }
        }
        catch (NpgsqlException e)
        {
            Tell(context, "ReloadFailed", FindingSeverity.Warning, $"The migrations are committed, but a running server could not be told: {e.Message}. Reload its metadata.");
        }
    }

    private static void Tell(RunContext context, string id, FindingSeverity severity, string message) =>
        context.Observer.Warned(new Finding { Id = id, Severity = severity, Message = message, Database = context.Database });
}
