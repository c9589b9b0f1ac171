using System.Globalization;
using System.Threading.Channels;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>How a batch ended.</summary>
/// <param name="Committed">How many migrations, from the first on, are committed and reported.</param>
/// <param name="Error">What stopped it; null where all is committed.</param>
/// <param name="IsObserverFailure">True where whoever takes the results stopped the run.</param>
/// <param name="IsBroken">True where the connection broke, so that <paramref name="Committed"/> is only what is proved so far.</param>
internal sealed record FlushOutcome(int Committed, Exception? Error, bool IsBroken, bool IsObserverFailure = false)
{
    /// <summary>Server time by version in milliseconds, for what was recorded; a record alone proves no commit.</summary>
    public required IReadOnlyDictionary<long, double> Milliseconds { get; init; }

    /// <summary>Server time of a migration, where it is known.</summary>
    public TimeSpan? DurationOf(PlannedMigration migration) => Milliseconds.TryGetValue(migration.Version, out var ms) ? TimeSpan.FromMilliseconds(ms) : null;
}

/// <summary>Sends one batch and reports each migration as soon as its commit is proved.</summary>
internal sealed class FlushExecutor(RunContext context, WorkSession work, MigrationBatch batch, bool inOneTransaction)
{
    private readonly NpgsqlConnection _session = work.Session;
    private readonly Channel<int> _started = Channel.CreateUnbounded<int>();
    private readonly Dictionary<long, double> _recorded = [];
    private int _reported;

    internal async Task<FlushOutcome> RunAsync(Func<PlannedMigration, TimeSpan?, CancellationToken, Task> report, CancellationToken cancellationToken)
    {
        _session.Notice += OnNotice;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            FaultPoints.Reach("before-send");
            var all = work.RunAsync(ReadAllAsync, stop.Token);
            FaultPoints.Reach("after-send");
            try
            {
                await ReportWhileRunningAsync(all, report, stop.Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Whatever ends the reporting ends the work; the batch is not left behind running.
                await stop.CancelAsync().ConfigureAwait(false);
                await EndedAsync(all).ConfigureAwait(false);
                return Outcome(e, PostgresErrors.IsBroken(e is OperationCanceledException ? e : new OperationCanceledException(), _session), e is not OperationCanceledException);
            }

            await all.ConfigureAwait(false);
            FaultPoints.Reach("after-answer");
            return await ReportRestAsync(report, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or IOException or TimeoutException or InvalidOperationException)
        {
            return Outcome(e, PostgresErrors.IsBroken(e, _session));
        }
        finally
        {
            _session.Notice -= OnNotice;
        }
    }

    private async Task<FlushOutcome> ReportRestAsync(Func<PlannedMigration, TimeSpan?, CancellationToken, Task> report, CancellationToken cancellationToken)
    {
        try
        {
            await ReportUpToAsync(batch.Migrations.Count, report, cancellationToken).ConfigureAwait(false);
            return Outcome(null, false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // All is committed; whoever takes the results takes no more of them.
            return Outcome(e, isBroken: false, isObserverFailure: true);
        }
    }

    private FlushOutcome Outcome(Exception? error, bool isBroken, bool isObserverFailure = false)
    {
        lock (_recorded)
        {
            return new FlushOutcome(_reported, error, isBroken, isObserverFailure) { Milliseconds = new Dictionary<long, double>(_recorded) };
        }
    }

    private static async Task EndedAsync(Task task)
    {
        await Task.WhenAny(task).ConfigureAwait(false);
        _ = task.Exception;
    }

    private async Task ReadAllAsync(CancellationToken cancellationToken)
    {
        do
        {
            await ReadPartAsync(cancellationToken).ConfigureAwait(false);
        }
        while (await batch.MoveNextAsync().ConfigureAwait(false));
    }

    private async Task ReadPartAsync(CancellationToken cancellationToken)
    {
        await using var reader = await batch.Batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        do
        {
            if (reader.FieldCount == 2 && reader.GetName(0) == "hasura_migrations_attempt")
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    Recorded(reader.IsDBNull(0) ? "" : reader.GetString(0), reader.IsDBNull(1) ? "" : reader.GetString(1));
                }
            }
        }
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
    }

    // A file may return a column of that name too, but it cannot know the id of its attempt.
    private void Recorded(string attempt, string milliseconds)
    {
        if (Guid.TryParse(attempt, out var id) && batch.Attempts.ToList().IndexOf(id) is >= 0 and var index && double.TryParse(milliseconds, CultureInfo.InvariantCulture, out var duration))
        {
            lock (_recorded)
            {
                _recorded.TryAdd(batch.Migrations[index].Version, duration);
            }
        }
    }

    private async Task ReportWhileRunningAsync(Task all, Func<PlannedMigration, TimeSpan?, CancellationToken, Task> report, CancellationToken cancellationToken)
    {
        while (!all.IsCompleted)
        {
            var next = _started.Reader.WaitToReadAsync(cancellationToken).AsTask();
            if (await Task.WhenAny(all, next).ConfigureAwait(false) == all)
            {
                return;
            }

            await next.ConfigureAwait(false);
            while (_started.Reader.TryRead(out var ordinal))
            {
                FaultPoints.Reach("after-flush-started");
                context.Observer.Started(batch.Migrations[ordinal]);
                await ReportUpToAsync(inOneTransaction ? 0 : ordinal, report, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ReportUpToAsync(int count, Func<PlannedMigration, TimeSpan?, CancellationToken, Task> report, CancellationToken cancellationToken)
    {
        while (_reported < count)
        {
            var migration = batch.Migrations[_reported++];
            TimeSpan? duration;
            lock (_recorded)
            {
                duration = _recorded.TryGetValue(migration.Version, out var ms) ? TimeSpan.FromMilliseconds(ms) : null;
            }

            FaultPoints.Reach("before-report");
            await report(migration, duration, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("after-report");
        }
    }

    private void OnNotice(object sender, NpgsqlNoticeEventArgs e)
    {
        if (e.Notice.SqlState == AdvisoryLocks.Started && Guid.TryParse(e.Notice.MessageText, out var signal) && batch.Signals.ToList().IndexOf(signal) is >= 0 and var ordinal)
        {
            _started.Writer.TryWrite(ordinal);
        }
        else
        {
            context.Observer.Informed($"{e.Notice.Severity}: {context.Options.Mask.OfServer(e.Notice.MessageText)}");
        }
    }
}
