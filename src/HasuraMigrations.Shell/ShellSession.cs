using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace HasuraMigrations.Shell;

/// <summary>A runspace with the module loaded; runs one pipeline after another and can stop the running one.</summary>
internal sealed class ShellSession : IDisposable
{
    private readonly ShellHost _host;
    private readonly Runspace _runspace;
    private readonly Lock _gate = new();
    private Pipeline? _running;
    private bool _stopped;

    private ShellSession(ShellHost host, Runspace runspace)
    {
        _host = host;
        _runspace = runspace;
    }

    /// <summary>Code of an uncaught <c>exit</c>; null until then.</summary>
    public int? ExitCode => _host.ExitCode;

    /// <summary>Code of the last native program or script that ended with a code.</summary>
    public int LastExitCode => LanguagePrimitives.TryConvertTo<int>(_runspace.SessionStateProxy.GetVariable("LASTEXITCODE"), out var code) ? code : 0;

    /// <summary>The newest error, caught or not; null where there was none.</summary>
    public ErrorRecord? LastError =>
        _runspace.SessionStateProxy.GetVariable("Error") is System.Collections.IList { Count: > 0 } errors
            ? errors[0] as ErrorRecord ?? (errors[0] as RuntimeException)?.ErrorRecord
            : null;

    /// <summary>Opens a runspace with a module, at the process's working directory.</summary>
    /// <param name="host">The host it talks to.</param>
    /// <param name="manifest">Full path of the module's manifest.</param>
    /// <exception cref="RuntimeException">The module cannot be loaded.</exception>
    public static ShellSession Open(ShellHost host, string manifest)
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(manifest);
        // A pwsh on this machine may have its directory in PSModulePath: half of its modules would load here, the others fail.
        state.Variables.Add(new SessionStateVariableEntry("PSModuleAutoLoadingPreference", PSModuleAutoLoadingPreference.None, "Modules are loaded by Import-Module only."));
        state.ThrowOnRunspaceOpenError = true;
        var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(Environment.CurrentDirectory));
        runspace.SessionStateProxy.InvokeCommand.CommandNotFoundAction = (_, e) => MissingCommand.Explain(e);
        return new ShellSession(host, runspace);
    }

    /// <summary>Runs script text in the global scope and writes what comes out, errors too, through the views.</summary>
    /// <returns>Whether its last statement succeeded (<c>$?</c>); null where an error or a stop ended it.</returns>
    public bool? Run(string script)
    {
        // Only a pipeline that goes into the history leaves $? as its last statement set it.
        var pipeline = _runspace.CreatePipeline(script, addToHistory: true);
        pipeline.Commands.Add(new Command("Out-Default", isScript: false, useLocalScope: true)
        {
            MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
        });
        try
        {
            Invoke(pipeline);
            return _runspace.SessionStateProxy.GetVariable("?") is true;
        }
        catch (Exception exception) when (exception is PipelineStoppedException or InvalidPipelineStateException)
        {
            return null;
        }
        catch (RuntimeException exception)
        {
            Report(exception.ErrorRecord);
            return null;
        }
        finally
        {
            _host.ClearProgress();
        }
    }

    /// <summary>Runs script text and hands its first result back as text.</summary>
    public string Evaluate(string script)
    {
        var pipeline = _runspace.CreatePipeline(script);
        using (pipeline)
        {
            return pipeline.Invoke().FirstOrDefault()?.ToString() ?? "";
        }
    }

    /// <summary>Stops the running pipeline, and any that starts later unless <see cref="Resume"/> comes between.</summary>
    /// <returns>Whether one was running.</returns>
    public bool Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _running?.StopAsync();
            return _running is not null;
        }
    }

    /// <summary>Lets pipelines run again after <see cref="Stop"/>.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _stopped = false;
        }
    }

    public void Dispose() => _runspace.Dispose();

    private void Invoke(Pipeline pipeline)
    {
        using (pipeline)
        {
            lock (_gate)
            {
                if (_stopped)
                {
                    throw new PipelineStoppedException();
                }

                _running = pipeline;
            }

            try
            {
                pipeline.Invoke();
            }
            finally
            {
                lock (_gate)
                {
                    _running = null;
                }
            }
        }
    }

    private void Report(ErrorRecord error)
    {
        using var redirection = _host.WriteAllToError();
        using var pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add("Out-Default");
        pipeline.Input.Write(error);
        pipeline.Input.Close();
        pipeline.Invoke();
    }
}
