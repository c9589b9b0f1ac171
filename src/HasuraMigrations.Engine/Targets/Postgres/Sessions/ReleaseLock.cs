using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>
/// Holds RELEASE on a session of its own, so that replicas that start together release one after another. Each step of a release is
/// safe without it: a session that breaks lets another release begin, and no more.
/// </summary>
internal sealed class ReleaseLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _session;

    private ReleaseLock(NpgsqlConnection session) => _session = session;

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="HasuraMigrationException">LockTimeout, with the holder; errors of opening.</exception>
    internal static async Task<ReleaseLock> TakeAsync(PostgresConnector connector, TimeSpan timeout, Action<Finding> waiting, CancellationToken cancellationToken)
    {
        var held = new ReleaseLock(await connector.OpenAsync("release", keepAlive: true, cancellationToken, RunOptions.DefaultReconnectTimeout).ConfigureAwait(false));
        try
        {
            var take = $"SELECT CASE WHEN pg_catalog.pg_try_advisory_lock({AdvisoryLocks.Release}) THEN '' ELSE '{LockWait.Taken}' END, {AdvisoryLocks.NoticeLostClient}";
            await new LockWait(connector, held._session.RowsAsync, waiting).RunAsync(take, AdvisoryLocks.Release, "another release", timeout, Stopwatch.StartNew(), cancellationToken).ConfigureAwait(false);
            return held;
        }
        catch (NpgsqlException e)
        {
            await held.DisposeAsync().ConfigureAwait(false);
            throw PostgresErrors.Query(e, "taking the lock of releases", connector.Description);
        }
        catch
        {
            await held.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
