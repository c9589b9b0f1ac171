using System.Management.Automation;
using HasuraMigrations.Errors;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of every cmdlet: cancellable asynchronous work, and errors with an id.</summary>
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private volatile PipelineDispatcher? _dispatcher;

    private protected AsyncCmdlet()
    {
    }

    /// <summary>Begins the command.</summary>
    protected sealed override void BeginProcessing() => Guard(OnBegin);

    /// <summary>Takes one input object.</summary>
    protected sealed override void ProcessRecord() => Guard(OnRecord);

    /// <summary>Ends the command.</summary>
    protected sealed override void EndProcessing() => Guard(OnEnd);

    /// <summary>Asks the running work to end. Runs on another thread, so it only cancels.</summary>
    protected sealed override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command ended while the stop was on its way.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the command holds.</summary>
    /// <param name="disposing">True where called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    private protected virtual void OnBegin()
    {
    }

    private protected virtual void OnRecord()
    {
    }

    private protected virtual void OnEnd()
    {
    }

    /// <summary>Runs asynchronous work to its end; called on the pipeline thread.</summary>
    private protected void RunAsync(Func<CancellationToken, Task> body)
    {
        using var dispatcher = new PipelineDispatcher();
        _dispatcher = dispatcher;
        try
        {
            dispatcher.Run(body, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            _dispatcher = null;
        }
    }

    /// <summary>Carries out an action on the pipeline thread and waits for it.</summary>
    private protected Task<T> OnPipelineAsync<T>(Func<T> action) => Dispatcher.InvokeAsync(action);

    /// <summary>Carries out an action on the pipeline thread and waits for it.</summary>
    private protected Task OnPipelineAsync(Action action) => Dispatcher.InvokeAsync(() =>
    {
        action();
        return true;
    });

    /// <summary>Carries out an action on the pipeline thread some time; after the end of the work it is left out.</summary>
    private protected void PostToPipeline(Action action) => _dispatcher?.Post(action);

    private PipelineDispatcher Dispatcher => _dispatcher ?? throw new InvalidOperationException("No asynchronous work is running.");

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (HasuraMigrationException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e));
        }
    }
}
