using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Tells running servers that the tables of a source changed, the way they tell each other.</summary>
internal static class ServerNotice
{
    /// <summary>Sends the notice; where it cannot be sent, says so.</summary>
    /// <param name="context">The run.</param>
    /// <param name="use">Uses the session on the database that holds the metadata.</param>
    /// <param name="probe">What that database has.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task SendAsync(RunContext context, Func<Func<NpgsqlConnection, Task>, CancellationToken, Task> use, DatabaseProbe probe, CancellationToken cancellationToken)
    {
        try
        {
            if (probe.UntrustedNotice is not null)
            {
                Tell(context, "ReloadFailed", FindingSeverity.Warning, $"The migrations are committed, but running servers were not notified, because that would run code of another role: {probe.UntrustedNotice}. Run Update-HasuraMetadata -Endpoint for each server.");
            }
            else if (probe is { HasMetadata: true, HasNotifications: true })
            {
                await use(session => TellDocumentServersAsync(session, [context.Database], [], cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            else if (probe.HasUpdateEvent)
            {
                await use(session => TellRowServersAsync(session, [], probe.HasInvalidations, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                Tell(context, "ReloadUnknown", FindingSeverity.Information, "No Hasura catalog was found here, so no server was notified of the change. If a server uses this database, run Update-HasuraMetadata.");
            }
        }
        catch (Exception e) when (e is NpgsqlException or HasuraMigrationException)
        {
            Tell(context, "ReloadFailed", FindingSeverity.Warning, $"The migrations are committed, but running servers could not be notified: {e.Message.TrimEnd('.')}. Run Update-HasuraMetadata -Endpoint for each server.");
        }
    }

    /// <summary>
    /// Adds 1 to the resource version and says what servers must read again: one statement, since they look for a notice
    /// only when the number changed.
    /// </summary>
    internal static Task TellDocumentServersAsync(NpgsqlConnection session, string[] sources, string[] remoteSchemas, CancellationToken cancellationToken) =>
        session.ExecuteAsync(SqlResource.NotifyServer2, [sources, Guid.NewGuid(), remoteSchemas], cancellationToken);

    /// <summary>Writes the event that servers of version 1 listen to. Those before 1.1 were not told what to read again.</summary>
    internal static Task TellRowServersAsync(NpgsqlConnection session, string[] remoteSchemas, bool hasInvalidations, CancellationToken cancellationToken) =>
        hasInvalidations
            ? session.ExecuteAsync(SqlResource.NotifyServer1, [Guid.NewGuid(), remoteSchemas], cancellationToken)
            : session.ExecuteAsync(SqlResource.NotifyServer10, [Guid.NewGuid()], cancellationToken);

    private static void Tell(RunContext context, string id, FindingSeverity severity, string message) =>
        context.Observer.Warned(new Finding { Id = id, Severity = severity, Message = message, Database = context.Database });
}
