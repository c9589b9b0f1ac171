using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace HasuraMigrations.Abstractions;

/// <summary>
/// Runs an asynchronous body on other threads while the pipeline thread, the only one that may write, carries out what
/// the body asks for.
/// </summary>
internal sealed class PipelineDispatcher : IDisposable
{
    private readonly BlockingCollection<WorkItem> _queue = [];
    private readonly int _pipelineThread = Environment.CurrentManagedThreadId;

    /// <summary>Runs a body to its end on the pipeline thread, and carries out what it asks for meanwhile.</summary>
    /// <param name="body">The work. Its token is cancelled by <paramref name="stop"/>, or where an action failed.</param>
    /// <param name="stop">Stops the body.</param>
    internal void Run(Func<CancellationToken, Task> body, CancellationToken stop)
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
    internal Task<T> InvokeAsync<T>(Func<T> action)
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
    internal void Post(Action action)
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

    public void Dispose() => _queue.Dispose();

    private async Task RunBodyAsync(Func<CancellationToken, Task> body, CancellationToken cancellationToken)
    {
        try
        {
            await body(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _queue.CompleteAdding();
        }
    }

    // Goes on until the body has ended, even after a failure: else the body would work on behind the user's back.
    private ExceptionDispatchInfo? Drain(CancellationTokenSource source)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (var item in _queue.GetConsumingEnumerable())
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

    private bool TryAdd(WorkItem item)
    {
        try
        {
            _queue.Add(item, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            // The body has ended, and the pipeline has moved on.
            return false;
        }
    }

    private sealed record WorkItem(Action Execute, Action Abandon);
}
