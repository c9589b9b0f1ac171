using System.Management.Automation;
using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Reports;
using HasuraMigrations.Errors;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of every cmdlet: cancellable asynchronous work, and errors with an id.</summary>
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly AgentWriter _agent;
    private volatile PipelineDispatcher? _dispatcher;

    private protected AsyncCmdlet() => _agent = new AgentWriter(() => AgentFormat, WriteLine);

    /// <summary>Begins the command.</summary>
    protected sealed override void BeginProcessing()
    {
        Prepare();
        Guard(OnBegin);
    }

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

    /// <summary>Writes a warning, made printable on one line.</summary>
    public new void WriteWarning(string text) => WriteWarning(text, new AgentIssue(FindingSeverity.Warning, null, text));

    /// <summary>Writes verbose text, made printable on one line.</summary>
    public new void WriteVerbose(string text) => base.WriteVerbose(Printable.Of(text));

    /// <summary>Begins what can be done beside the command, before anything else of it.</summary>
    private protected virtual void Prepare()
    {
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

    /// <summary>The commands for an agent of a pipeline that this command writes.</summary>
    private protected virtual PipelineLogFormat AgentFormat => PipelineLogFormat.Plain;

    /// <summary>Groups and progress for an agent of a pipeline.</summary>
    internal AgentWriter Agent => _agent;

    /// <summary>Says something to whoever sits at the prompt, as Write-Host does; silenced by -InformationAction.</summary>
    private protected void WriteSummary(string text) => WriteLine(Printable.Of(text));

    /// <summary>Writes a warning, and the same for the agent of a pipeline.</summary>
    private protected void WriteWarning(string text, AgentIssue issue)
    {
        base.WriteWarning(Printable.Of(text));
        if (AreWarningsShown)
        {
            _agent.Write(issue);
        }
    }

    /// <summary>Asks as ShouldProcess does. Where nobody can answer, the error says how to agree beforehand.</summary>
    private protected bool Confirmed(string target, string action) => Ask(() => ShouldProcess(Printable.Of(target), Printable.Of(action)));

    /// <summary>Asks as ShouldProcess does, and tells whether -WhatIf is the reason for a no.</summary>
    private protected (bool IsApproved, ShouldProcessReason Reason) ConfirmedOrWhatIf(string question, string errorId = "ConfirmationNotPossible")
    {
        var text = Printable.Of(question);
        return Ask(() => (ShouldProcess(text, $"Are you sure you want to perform this action?{Environment.NewLine}{text}", "Confirm", out var reason), reason), errorId);
    }

    /// <summary>Asks the user. Where nobody can answer, the error says how to agree beforehand.</summary>
    private protected static T Ask<T>(Func<T> question, string errorId = "ConfirmationNotPossible", string how = "Add -Confirm:$false in non-interactive use.")
    {
        try
        {
            return question();
        }
        // The console host of pwsh fails with a null reference where the standard input is at its end.
        catch (Exception e) when (e is System.Management.Automation.Host.HostException or PSInvalidOperationException or PSNotImplementedException or NullReferenceException)
        {
            var why = e is NullReferenceException ? "the standard input is at its end" : e.Message.TrimEnd('.');
            throw new HasuraMigrationException(errorId, $"This operation requires confirmation, which is not possible here: {why}.", innerException: e) { RecommendedAction = how };
        }
    }

    /// <summary>
    /// The record of an error. Where the shell would join its lines, those that need a line of their own are written as warnings before.
    /// </summary>
    /// <param name="exception">The error.</param>
    /// <param name="database">The database of several that it is about; null where that is clear.</param>
    private protected ErrorRecord ToRecord(HasuraMigrationException exception, string? database = null)
    {
        if (Preference("ErrorAction", "ErrorActionPreference") is not (null or ActionPreference.SilentlyContinue or ActionPreference.Ignore))
        {
            _agent.Write(exception, database);
        }

        var isJoined = !string.IsNullOrEmpty(MyInvocation.ScriptName) || exception.Kind == ErrorKind.ParserError;
        if (!isJoined || !AreWarningsShown)
        {
            return ErrorRecords.From(exception, database);
        }

        var (parts, record) = ErrorRecords.OnOneLine(exception, database);
        foreach (var part in parts)
        {
            // Printable already, and some of them have lines.
            base.WriteWarning(part);
        }

        return record;
    }

    /// <summary>The next command in the pipeline takes no more objects; the work has come to rest.</summary>
    private protected virtual void OnConsumerStopped()
    {
    }

    /// <summary>The user stopped the command; the work has come to rest.</summary>
    private protected virtual void OnStopped()
    {
    }

    /// <summary>Warns where the pipeline may be stopping already, when the shell takes nothing more from a command; its host does.</summary>
    private protected void WarnStopping(string text)
    {
        if (!Stopping)
        {
            WriteWarning(text);
        }
        else if (AreWarningsShown)
        {
            Host.UI.WriteWarningLine(Printable.Of(text));
        }
    }

    /// <summary>Runs asynchronous work to its end; called on the pipeline thread.</summary>
    private protected void RunAsync(Func<CancellationToken, Task> body)
    {
        var dispatcher = new PipelineDispatcher();
        _dispatcher = dispatcher;
        try
        {
            dispatcher.Run(body, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            OnStopped();
            throw new PipelineStoppedException();
        }
        // A command further down that ends the pipeline is seen from here as a pipeline that stopped.
        catch (Exception e) when (e is FlowControlException or PipelineStoppedException && !_stop.IsCancellationRequested)
        {
            OnConsumerStopped();
            throw;
        }
        finally
        {
            _dispatcher = null;
        }
    }

    /// <summary>Carries out an action on the pipeline thread and waits for it.</summary>
    private protected Task<T> OnPipelineAsync<T>(Func<T> action) => Dispatcher.InvokeAsync(action);

    /// <summary>Carries out an action on the pipeline thread and waits for it.</summary>
    private protected Task OnPipelineAsync(Action action) => Dispatcher.InvokeAsync<object?>(() =>
    {
        action();
        return null;
    });

    /// <summary>Carries out an action on the pipeline thread some time; after the end of the work it is left out.</summary>
    private protected void PostToPipeline(Action action) => _dispatcher?.Post(action);

    /// <summary>True where the first error that is written ends the command.</summary>
    private protected bool StopsAtErrors => Preference("ErrorAction", "ErrorActionPreference") == ActionPreference.Stop;

    private bool AreWarningsShown => Preference("WarningAction", "WarningPreference") is ActionPreference.Continue or ActionPreference.Inquire;

    private ActionPreference? Preference(string parameter, string variable) =>
        LanguagePrimitives.TryConvertTo<ActionPreference>(MyInvocation.BoundParameters.TryGetValue(parameter, out var action) ? action : GetVariableValue(variable), out var preference) ? preference : null;

    // The information stream, with the tag that lets hosts show it whatever $InformationPreference is.
    private void WriteLine(string text)
    {
        var isSilenced = MyInvocation.BoundParameters.TryGetValue("InformationAction", out var action) && action is ActionPreference.SilentlyContinue or ActionPreference.Ignore;
        if (!isSilenced)
        {
            WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"]);
        }
    }

    // The values are bound already; what is left of them here is what records of errors and warnings carry.
    private void HideSecrets()
    {
        foreach (var (name, value) in MyInvocation.BoundParameters.ToList())
        {
            if (Secrets.Shown(name, value) is var shown && !ReferenceEquals(shown, value))
            {
                MyInvocation.BoundParameters[name] = shown!;
            }
        }
    }

    private PipelineDispatcher Dispatcher => _dispatcher ?? throw new InvalidOperationException("No asynchronous work is running.");

    private void Guard(Action action)
    {
        HideSecrets();
        try
        {
            action();
        }
        catch (HasuraMigrationException e)
        {
            ThrowTerminatingError(ToRecord(e));
        }
    }
}
