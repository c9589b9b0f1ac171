using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace HasuraMigrations.Tests.Support;

/// <summary>A PowerShell runspace with the staged module loaded.</summary>
public sealed class HostedShell : IDisposable
{
    private readonly CollectingHost _host;

    /// <summary>A runspace with a plain console.</summary>
    public HostedShell()
        : this(ansi: false)
    {
    }

    internal HostedShell(bool ansi)
    {
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        // Else an agent that runs the tests would get its commands among what they look at.
        Environment.SetEnvironmentVariable("TF_BUILD", null);
        Environment.SetEnvironmentVariable("GITHUB_ACTIONS", null);
        _host = new CollectingHost(ansi);
        var state = InitialSessionState.CreateDefault2();
        state.ThrowOnRunspaceOpenError = true;
        state.ImportPSModule(Repository.Manifest);
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.RemoteSigned;
        }

        Runspace = RunspaceFactory.CreateRunspace(_host, state);
        Runspace.Open();
    }

    public Runspace Runspace { get; }

    internal CollectingHost Host => _host;

    /// <summary>Sets a variable of the session.</summary>
    public void Set(string name, object? value) => Runspace.SessionStateProxy.SetVariable(name, value);

    /// <summary>Runs a script with variables and collects what it writes to each stream.</summary>
    public ShellOutput Run(string script, params (string Name, object? Value)[] variables)
    {
        foreach (var (name, value) in variables)
        {
            Set(name, value);
        }

        using var shell = NewPipeline(script);
        var output = new List<PSObject>();
        RuntimeException? failure = null;
        try
        {
            output.AddRange(shell.Invoke());
        }
        catch (RuntimeException e)
        {
            failure = e;
        }

        return new ShellOutput(output, [.. shell.Streams.Error, .. failure is null ? Array.Empty<ErrorRecord>() : [failure.ErrorRecord]], shell.Streams);
    }

    /// <summary>What a console of 120 columns shows of a script's output.</summary>
    public string Show(string script, params (string Name, object? Value)[] variables)
    {
        var before = _host.Text.Length;
        Run($"& {{ {script} }} | Out-Default", variables);
        return _host.Text[before..];
    }

    /// <summary>What a console of a width shows of a script's output.</summary>
    public string Show(string script, int width)
    {
        var before = _host.UI.RawUI.BufferSize;
        _host.UI.RawUI.BufferSize = _host.UI.RawUI.WindowSize = new(width, before.Height);
        try
        {
            return Show(script);
        }
        finally
        {
            _host.UI.RawUI.BufferSize = _host.UI.RawUI.WindowSize = before;
        }
    }

    /// <summary>A script that the caller runs itself.</summary>
    public PowerShell NewPipeline(string script)
    {
        var shell = PowerShell.Create();
        shell.Runspace = Runspace;
        return shell.AddScript(script);
    }

    public void Dispose() => Runspace.Dispose();
}

/// <summary>What a script wrote.</summary>
public sealed class ShellOutput(IReadOnlyList<PSObject> output, IReadOnlyList<ErrorRecord> errors, PSDataStreams streams)
{
    public IReadOnlyList<PSObject> Output { get; } = output;

    public IReadOnlyList<ErrorRecord> Errors { get; } = errors;

    public IReadOnlyList<string> Warnings { get; } = [.. streams.Warning.Select(w => w.Message)];

    public IReadOnlyList<string> Verbose { get; } = [.. streams.Verbose.Select(w => w.Message)];

    public IReadOnlyList<string> Debug { get; } = [.. streams.Debug.Select(w => w.Message)];

    public IReadOnlyList<string> Information { get; } = [.. streams.Information.Select(w => w.ToString())];

    public IReadOnlyList<ProgressRecord> Progress { get; } = [.. streams.Progress];

    /// <summary>The id of the only error, without the class of the cmdlet; an empty text where there is none.</summary>
    public string ErrorId
    {
        get
        {
            SkipWithoutDump(Errors);
            // A test that expected another id would say no more than this one.
            foreach (var error in Errors)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{error.FullyQualifiedErrorId}: {error}");
            }

            return Errors.Count == 0 ? "" : Assert.Single(Errors).FullyQualifiedErrorId.Split(',')[0];
        }
    }

    /// <summary>Skips a test that failed because this machine has no pg_dump, as servers from npm have none; never where <c>HASURA_TEST_REQUIRE_POSTGRES</c> is 1.</summary>
    public static void SkipWithoutDump(IEnumerable<ErrorRecord> errors) => Assert.SkipWhen(
        Environment.GetEnvironmentVariable("HASURA_TEST_REQUIRE_POSTGRES") != "1"
            && errors.Any(e => e.FullyQualifiedErrorId.StartsWith("DumpProgramMissing,", StringComparison.Ordinal) || e.ToString().Contains("there is no pg_dump", StringComparison.Ordinal)),
        "There is no pg_dump on this machine.");

    /// <summary>A property of every output object, as text.</summary>
    public string[] Values(string property) => [.. Output.Select(o => $"{o.Properties[property]?.Value}")];

    /// <summary>Fails the test where there was an error.</summary>
    public ShellOutput Well()
    {
        SkipWithoutDump(Errors);
        Assert.True(Errors.Count == 0, string.Join("\n", Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e} {e.Exception}")));
        return this;
    }
}
