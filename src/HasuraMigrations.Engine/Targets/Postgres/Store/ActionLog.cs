using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>The log of actions, which servers write.</summary>
internal static class ActionLog
{
    /// <summary>Deletes what it says of actions, as a server does when one is dropped. Servers before 1.2 have no such log.</summary>
    internal static async Task ClearAsync(NpgsqlConnection session, IReadOnlyList<string> actions, CancellationToken cancellationToken)
    {
        if (actions.Count > 0 && await session.RowsAsync("SELECT 1::pg_catalog.text WHERE pg_catalog.to_regclass('hdb_catalog.hdb_action_log') IS NOT NULL", [], cancellationToken).ConfigureAwait(false) is not [])
        {
            await session.ExecuteAsync("DELETE FROM hdb_catalog.hdb_action_log WHERE action_name OPERATOR(pg_catalog.=) ANY ($1)", [actions.ToArray()], cancellationToken).ConfigureAwait(false);
        }
    }
}
