using System.Runtime.ExceptionServices;

namespace HasuraMigrations.Engine.Processes;

/// <summary>
/// Runs an asynchronous body on other threads while the pipeline thread, the only one that may write, carries out what
/// the body asks for.
/// </summary>
public sealed class PipelineDispatcher
{
    // Guards itself. Not a BlockingCollection, which ends with an exception inside, and is more code to load in a new process.
    private readonly Queue<WorkItem> _queue = new();
    private bool _hasEnded;
    private readonly int _pipelineThread = Environment.CurrentManagedThreadId;

    /// <summary>Runs a body to its end on the pipeline thread, and carries out what it asks for meanwhile.</summary>
    /// <param name="body">The work. Its token is cancelled by <paramref name="stop"/>, or where an action failed.</param>
    /// <param name="stop">Stops the body.</param>
    public void Run(Func<CancellationToken, Task> body, CancellationToken stop)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var task = Task.Run(() => RunBodyAsync(body, source.Token), CancellationToken.None);
        var failure = Drain(source);
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (Exception) when (failure is not null)
        {
            // What the pipeline threw is the cause; how the cancelled body ended is its consequence.
        }

        failure?.Throw();
    }

    /// <summary>
    /// Carries out an action on the pipeline thread; an exception of it arrives here too. One that is not of this module is of the shell,
    /// and ends the body.
    /// </summary>
    public Task<T> InvokeAsync<T>(Func<T> action)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Execute()
        {
            try
            {
                result.SetResult(action());
            }
            catch (HasuraMigrationException e)
            {
                result.SetException(e);
            }
            catch (Exception e)
            {
                result.SetException(e);
                throw;
            }
        }

        if (!TryAdd(new WorkItem(Execute, () => result.TrySetCanceled())))
        {
            result.TrySetCanceled();
        }

        return result.Task;
    }

    /// <summary>Carries out an action on the pipeline thread some time; what comes after the end of the body is left out.</summary>
    public void Post(Action action)
    {
        if (Environment.CurrentManagedThreadId == _pipelineThread)
        {
            action();
        }
        else
        {
            TryAdd(new WorkItem(action, static () => { }));
        }
    }

    private async Task RunBodyAsync(Func<CancellationToken, Task> body, CancellationToken cancellationToken)
    {
        try
        {
            await body(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_queue)
            {
                _hasEnded = true;
                Monitor.Pulse(_queue);
            }
        }
    }

    // Goes on until the body has ended, even after a failure: else the body would work on behind the user's back.
    private ExceptionDispatchInfo? Drain(CancellationTokenSource source)
    {
        ExceptionDispatchInfo? failure = null;
        while (Next() is { } item)
        {
            if (failure is not null)
            {
                item.Abandon();
                continue;
            }

            try
            {
                item.Execute();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
                source.Cancel();
            }
        }

        return failure;
    }

    // Waits for the next one; null behind the last.
    private WorkItem? Next()
    {
        lock (_queue)
        {
            while (_queue.Count == 0 && !_hasEnded)
            {
                Monitor.Wait(_queue);
            }

            return _queue.TryDequeue(out var item) ? item : null;
        }
    }

    // False where the body has ended, and the pipeline has moved on.
    private bool TryAdd(WorkItem item)
    {
        lock (_queue)
        {
            if (_hasEnded)
            {
                return false;
            }

            _queue.Enqueue(item);
            Monitor.Pulse(_queue);
            return true;
        }
    }

    private sealed record WorkItem(Action Execute, Action Abandon);
}
