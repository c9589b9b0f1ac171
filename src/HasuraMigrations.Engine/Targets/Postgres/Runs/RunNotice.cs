using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Tells running servers at the end of a run that the tables of its source changed.</summary>
internal static class RunNotice
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
                Report(context, "ReloadFailed", FindingSeverity.Warning, $"The run is committed, but running servers were not notified, because that would run code of another role: {probe.UntrustedNotice}. Run Update-HasuraMetadata -Endpoint for each server.");
            }
            else if (probe is { HasMetadata: true, HasNotifications: true })
            {
                await use(session => ServerNotice.NotifyDocumentServersAsync(session, [context.Database], [], cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            else if (probe.HasUpdateEvent)
            {
                await use(session => ServerNotice.NotifyRowServersAsync(session, [], probe.HasInvalidations, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                Report(context, "ReloadUnknown", FindingSeverity.Information, "No Hasura catalog was found here, so no server was notified of the change. If a server uses this database, run Update-HasuraMetadata.");
            }
        }
        catch (Exception e) when (e is NpgsqlException or HasuraMigrationException)
        {
            ReportFailure(context, e);
        }
    }

    /// <summary>Warns that the notice could not be sent.</summary>
    internal static void ReportFailure(RunContext context, Exception e) =>
        Report(context, "ReloadFailed", FindingSeverity.Warning, $"The run is committed, but running servers could not be notified: {e.Message.TrimEnd('.')}. Run Update-HasuraMetadata -Endpoint for each server.");

    private static void Report(RunContext context, string id, FindingSeverity severity, string message) =>
        context.Observer.Warned(new Finding { Id = id, Severity = severity, Message = message, Database = context.Database });
}
