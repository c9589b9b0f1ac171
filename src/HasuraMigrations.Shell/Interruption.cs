using System.Runtime.InteropServices;

namespace HasuraMigrations.Shell;

/// <summary>
/// Turns Ctrl+C and a request to end into a stop of the running pipeline, so that cmdlets roll back and report; the second
/// one ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly ShellSession _session;
    private readonly bool _promptFollows;
    private readonly List<PosixSignalRegistration> _registrations;
    private int? _exitCode;

    public Interruption(ShellSession session, bool promptFollows)
    {
        _session = session;
        _promptFollows = promptFollows;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Handle(c, ExitCodes.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Handle(c, ExitCodes.Terminated)),
        ];
    }

    /// <summary>Exit code of the process, if a signal stopped its work.</summary>
    public int? ExitCode => _exitCode;

    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void Handle(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        var atPrompt = _promptFollows && exitCode == ExitCodes.Interrupted;
        if (_exitCode is not null || (_promptFollows && !atPrompt))
        {
            Environment.Exit(exitCode);
        }

        _exitCode = atPrompt ? null : exitCode;
        _session.Stop();
    }
}
