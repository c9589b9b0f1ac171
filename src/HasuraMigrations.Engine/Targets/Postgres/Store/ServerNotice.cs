using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Tells running servers that the tables of a source changed, the way they tell each other.</summary>
internal static class ServerNotice
{
    /// <summary>
    /// Adds 1 to the resource version and says what servers must read again: one statement, since they look for a notice
    /// only when the number changed.
    /// </summary>
    internal static Task NotifyDocumentServersAsync(NpgsqlConnection session, string[] sources, string[] remoteSchemas, CancellationToken cancellationToken) =>
        session.ExecuteAsync(SqlResource.NotifyServer2, [sources, Guid.NewGuid(), remoteSchemas], cancellationToken);

    /// <summary>Writes the event that servers of version 1 listen to. Those before 1.1 were not told what to read again.</summary>
    internal static Task NotifyRowServersAsync(NpgsqlConnection session, string[] remoteSchemas, bool hasInvalidations, CancellationToken cancellationToken) =>
        hasInvalidations
            ? session.ExecuteAsync(SqlResource.NotifyServer1, [Guid.NewGuid(), remoteSchemas], cancellationToken)
            : session.ExecuteAsync(SqlResource.NotifyServer10, [Guid.NewGuid()], cancellationToken);
}
