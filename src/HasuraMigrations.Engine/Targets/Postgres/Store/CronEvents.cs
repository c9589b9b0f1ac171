using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Events of cron triggers, which servers make ahead of their time.</summary>
internal static class CronEvents
{
    /// <summary>Drops events to come that no attempt was made on, as a server does for a trigger that changes or goes.</summary>
    internal static async Task DropComingAsync(NpgsqlConnection session, IEnumerable<string> triggers, CancellationToken cancellationToken)
    {
        var names = triggers.ToArray();
        if (names.Length > 0)
        {
            await session.ExecuteAsync("DELETE FROM hdb_catalog.hdb_cron_events WHERE trigger_name OPERATOR(pg_catalog.=) ANY ($1) AND scheduled_time OPERATOR(pg_catalog.>) pg_catalog.now() AND tries OPERATOR(pg_catalog.=) 0", [names], cancellationToken).ConfigureAwait(false);
        }
    }
}
