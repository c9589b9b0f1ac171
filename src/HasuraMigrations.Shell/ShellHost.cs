using System.Globalization;
using System.Management.Automation.Host;

namespace HasuraMigrations.Shell;

/// <summary>Stands between PowerShell's engine and the process: its streams and its exit code.</summary>
internal sealed class ShellHost(bool interactive) : PSHost
{
    private readonly ShellUserInterface _ui = new(interactive);

    /// <summary>Code of an <c>exit</c> that nothing inside the script caught; null until then.</summary>
    public int? ExitCode { get; private set; }

    public override string Name => "HasuraMigrations Shell";

    public override Version Version => typeof(ShellHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI => _ui;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("This shell has no nested prompts.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This shell has no nested prompts.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    /// <summary>Sends everything to standard error until the result is disposed.</summary>
    public IDisposable WriteAllToError() => _ui.WriteAllToError();

    /// <summary>Takes a progress line off the terminal.</summary>
    public void ClearProgress() => _ui.ClearProgress();
}
