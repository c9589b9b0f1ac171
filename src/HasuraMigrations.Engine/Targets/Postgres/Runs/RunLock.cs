using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Holds RUN on a session of its own, and watches over it.</summary>
internal sealed class RunLock : IAsyncDisposable
{
    private const string Taken = LockWait.Taken;
    private const string Busy = "busy";

    // Whether WORK is free; only tested and released, since each migration takes it itself. CASE fixes the order of the calls
    // (PostgreSQL manual, Expression Evaluation Rules).
    private static readonly string WorkState = $"CASE WHEN NOT pg_catalog.pg_try_advisory_lock({AdvisoryLocks.Work}) THEN '{Busy}' WHEN pg_catalog.pg_advisory_unlock({AdvisoryLocks.Work}) THEN 'free' END";

    private readonly PostgresConnector _connector;
    private readonly IRunObserver _observer;
    private readonly TimeSpan _answerLimit;
    // Npgsql runs one command at a time on a connection, and the watch for blockers uses this one during the run.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private NpgsqlConnection? _session;

    private RunLock(PostgresConnector connector, IRunObserver observer, TimeSpan answerLimit) =>
        (_connector, _observer, _answerLimit) = (connector, observer, answerLimit);

    /// <summary>The server process of the session that holds RUN; null before it was taken.</summary>
    internal ServerProcess? Process { get; private set; }

    /// <summary>The same, as a fence finds it.</summary>
    internal RunHolder Holder { get; private set; } = new(0, 0);

    /// <summary>Version of PostgreSQL.</summary>
    internal Version ServerVersion { get; private set; } = new(0, 0);

    /// <summary>Waits until no other run and no orphan of one is at work, and takes RUN.</summary>
    /// <exception cref="HasuraMigrationException">LockTimeout, with the holder; errors of opening.</exception>
    internal static async Task<RunLock> TakeAsync(PostgresConnector connector, IRunObserver observer, RunOptions options, CancellationToken cancellationToken)
    {
        var runLock = new RunLock(connector, observer, options.ReconnectTimeout);
        try
        {
            await runLock.TakeAsync(options.LockTimeout, [], cancellationToken).ConfigureAwait(false);
            return runLock;
        }
        catch
        {
            await runLock.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes RUN anew after the session was lost, and waits for WORK to be free.</summary>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="lost">Server processes of sessions that the run has given up.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    internal async Task TakeAsync(TimeSpan timeout, IReadOnlyList<ServerProcess> lost, CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        FaultPoints.Reach("before-lock");
        _session = await _connector.OpenAsync("lock", keepAlive: true, cancellationToken, _answerLimit).ConfigureAwait(false);
        // Here, since the driver does not tell it of a session that has ended.
        ServerVersion = _session.PostgreSqlVersion;
        try
        {
            var clock = Stopwatch.StartNew();
            // The old lock session may hold RUN on the server until keepalive ends it (docs/decisions/0002).
            if (lost.Count > 0)
            {
                await SessionWatch.EndAsync(_session, lost, cancellationToken).ConfigureAwait(false);
            }

            // Locks and process id in one statement: behind a pooler in transaction mode, another server process could answer a second one.
            // RUN first, so that no other run can begin. Then WORK: the server process of a killed client goes on and may still commit.
            var token = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue;
            var take = $"SELECT CASE WHEN NOT pg_catalog.pg_try_advisory_lock({AdvisoryLocks.Run}) THEN '{Taken}' WHEN NOT pg_catalog.pg_try_advisory_lock({token}) THEN '{Taken}' ELSE {WorkState} END, {ServerProcess.Columns}, {AdvisoryLocks.NoticeLostClient}";
            var answer = await PollAsync(take, AdvisoryLocks.Run, "another run", timeout, clock, cancellationToken).ConfigureAwait(false);
            Process = ServerProcess.Of(answer[1], answer[2]);
            Holder = new RunHolder(Process.Id, token);
            FaultPoints.Reach("after-run-lock");
            if (answer[0] == Busy)
            {
                await WaitForWorkAsync(timeout, clock, cancellationToken).ConfigureAwait(false);
            }

            FaultPoints.Reach("after-lock");
        }
        catch (NpgsqlException e)
        {
            await LookalikeCheck.ExplainAsync(_session, _connector.Description, cancellationToken).ConfigureAwait(false);
            throw PostgresErrors.Query(e, "taking the migration lock", _connector.Description);
        }
    }

    /// <summary>Waits until no transaction holds WORK; the one that does may be the orphan of a killed run.</summary>
    internal Task WaitForWorkAsync(TimeSpan timeout, Stopwatch clock, CancellationToken cancellationToken) =>
        PollAsync($"SELECT CASE {WorkState} WHEN '{Busy}' THEN '{Taken}' END", AdvisoryLocks.Work, "the work of an earlier run that is still active on the server", timeout, clock, cancellationToken);

    /// <summary>Sessions that a process waits for, in words; empty if it waits for none.</summary>
    internal async Task<string> BlockersAsync(int processId, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync(SqlResource.Blockers, [processId], cancellationToken).ConfigureAwait(false);
        return string.Join("; ", rows.Select(r => $"pid {r[0]} ({r[1]}, {r[2]}@{r[3]}, {r[4]} since {r[5]}): {r[6]}"));
    }

    /// <summary>True where the session is alive and its server process is the one that took RUN.</summary>
    internal async Task<bool> IsHeldAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Nothing on this session releases the lock, so it is held as long as the same server process answers
            // (PostgreSQL manual, Advisory Locks).
            var rows = await QueryAsync("SELECT pg_catalog.pg_backend_pid()::text", [], cancellationToken).ConfigureAwait(false);
            return rows[0][0] == Holder.ProcessId.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    /// <summary>True where the session broke, as far as is known without asking.</summary>
    internal bool IsBroken => _session is null || _session.FullState.HasFlag(System.Data.ConnectionState.Broken) || _session.State != System.Data.ConnectionState.Open;

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _gate.Dispose();
    }

    private async Task<List<string?[]>> QueryAsync(string sql, object?[] arguments, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _session is null ? throw new InvalidOperationException("The lock session is closed.") : await _session.RowsAsync(sql, arguments, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private Task<string?[]> PollAsync(string sql, long key, string whom, TimeSpan timeout, Stopwatch clock, CancellationToken cancellationToken) =>
        new LockWait(_connector, QueryAsync, _observer.Warned).RunAsync(sql, key, whom, timeout, clock, cancellationToken);

    private async Task CloseAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }
}
