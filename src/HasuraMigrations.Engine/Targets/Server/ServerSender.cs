namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Sends work that can be cancelled: its session in the database is then ended, and the outcome is awaited.</summary>
internal sealed class ServerSender(ServerRunContext run)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Sends once.</summary>
    /// <param name="send">Sends; its token ends the wait for an answer.</param>
    /// <param name="attempt">The attempt whose marker the texts carry.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="HasuraMigrationException">ServerTimeout where a stop gets no answer; the errors of the server.</exception>
    internal async Task<List<string[]>> SendAsync(Func<CancellationToken, Task<List<string[]>>> send, Guid attempt, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource();
        var sending = WatchedAsync(send, attempt, patience.Token);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.Register(stop.SetResult).ConfigureAwait(false))
        {
            if (await Task.WhenAny(sending, stop.Task).ConfigureAwait(false) == sending)
            {
                return await sending.ConfigureAwait(false);
            }
        }

        patience.CancelAfter(Patience);
        while (!sending.IsCompleted && !patience.IsCancellationRequested)
        {
            await CancelAsync(attempt).ConfigureAwait(false);
            await Task.WhenAny(sending, Task.Delay(PollInterval, CancellationToken.None)).ConfigureAwait(false);
        }

        try
        {
            return await sending.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw run.Client.Errors.TimedOut(Patience, "the request to stop");
        }
    }

    /// <summary>Sends, and gives an answer up that does not come although the work has ended.</summary>
    private async Task<List<string[]>> WatchedAsync(Func<CancellationToken, Task<List<string[]>>> send, Guid attempt, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = send(end.Token);
        if (!await new AnswerWatch(run.Options, token => SignAsync(attempt, token)).IsAnsweredAsync(sending).ConfigureAwait(false))
        {
            await end.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            return await sending.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw run.Client.Errors.Unanswered();
        }
    }

    private async Task<WorkSign> SignAsync(Guid attempt, CancellationToken cancellationToken)
    {
        try
        {
            return (await run.Sql.QueryAsync(AttemptSessions.Running(attempt), cancellationToken).ConfigureAwait(false)).Count > 0 ? new WorkSign(true) : new WorkSign(false, "at rest");
        }
        catch (HasuraServerException e)
        {
            // One that answers, if only to refuse the question, is there; nothing is known of the work, so it is left alone.
            run.Observer.Informed($"It could not be checked whether the work is still active: {e.Message}");
            return e.Code is null ? WorkSign.Silent : new WorkSign(true);
        }
    }

    /// <summary>Asks the database to end what an attempt does.</summary>
    internal async Task CancelAsync(Guid attempt)
    {
        try
        {
            // It only signals, so a transaction that reads is enough.
            await run.Sql.QueryAsync(AttemptSessions.Cancel(attempt), CancellationToken.None).ConfigureAwait(false);
        }
        catch (HasuraServerException e)
        {
            run.Observer.Informed($"The running statement could not be canceled: {e.Message}");
        }
    }
}
