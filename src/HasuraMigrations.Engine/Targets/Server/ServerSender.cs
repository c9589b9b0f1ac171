namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Sends work that can be stopped: a stop asks the database to end it and waits for the answer, which then is true.</summary>
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
        var sending = send(patience.Token);
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

    /// <summary>Asks the database to end what an attempt does.</summary>
    internal async Task CancelAsync(Guid attempt)
    {
        try
        {
            // It only signals, so a transaction that reads is enough.
            await run.Sql.QueryAsync(ServerScripts.Cancel(attempt), CancellationToken.None).ConfigureAwait(false);
        }
        catch (HasuraServerException e)
        {
            run.Observer.Told($"The running statement could not be asked to stop: {e.Message}");
        }
    }
}
