using System.ComponentModel;
using System.Diagnostics;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>
/// A child process that waits for the end of a pipe held by this process. When this process ends, however it ends, the
/// system closes the pipe, and the child runs a clean-up command and removes a directory.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private const string Released = "released";

    // The first argument is the directory, the others are the command. It is tried again, because the owner may have died
    // while the server was still starting.
    private const string UnixScript = """
        trap '' HUP INT QUIT TERM
        directory=$1; shift
        line=
        IFS= read -r line
        test "$line" = released && exit 0
        for again in 1 2 3; do
          "$@" >/dev/null 2>&1
          test -z "$directory" || rm -rf -- "$directory"
          sleep 1
        done
        """;

    // For the command interpreter, which every Windows has and no language mode restricts. Values come from variables with
    // delayed expansion, so that no character of a path means anything to it.
    private const string WindowsScript =
        "set \"line=\" & set /p \"line=\" & if \"!line!\"==\"released\" (exit 0) else ("
        + "for /l %i in (1,1,3) do (!SANDBOX_COMMAND! >nul 2>&1 & (if defined SANDBOX_DIRECTORY rd /s /q \"!SANDBOX_DIRECTORY!\" >nul 2>&1) & ping -n 2 127.0.0.1 >nul))";

    // Keeps their pipes open: a collected process object would close its pipe too early.
    private static readonly System.Collections.Concurrent.ConcurrentBag<Process> Abandoned = [];

    private readonly Process _process;

    private Watchdog(Process process) => _process = process;

    /// <summary>Starts the child.</summary>
    /// <param name="user">The user the command runs as.</param>
    /// <param name="directory">Directory it removes; null for none.</param>
    /// <param name="command">Program and arguments of the clean-up.</param>
    public static Watchdog Start(UnprivilegedUser user, string? directory, params string[] command)
    {
        var start = OperatingSystem.IsWindows() ? PrepareWindows(directory, command) : PrepareUnix(user, directory, command);
        start.WorkingDirectory = Path.GetPathRoot(Environment.CurrentDirectory) ?? "";
        try
        {
            return new Watchdog(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new HasuraMigrationException("SandboxStartFailed", $"The process that stops the server when this one ends could not be started: {e.Message}", innerException: e);
        }
    }

    /// <summary>Leaves the child waiting, so that it cleans up when this process ends.</summary>
    public void Abandon() => Abandoned.Add(_process);

    /// <summary>Sends the child home: nothing is left to clean up.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.WriteLine(Released);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It was killed by somebody; the clean-up was ours anyway.
        }

        _process.Dispose();
    }

    private static ProcessStartInfo PrepareUnix(UnprivilegedUser user, string? directory, string[] command)
    {
        // Only the command runs as that user, who need not have the right to remove a directory from its parent.
        string[] shell = ["/bin/sh", "-c", UnixScript, "sandbox-watchdog", directory ?? "", .. user.Arguments(command)];
        // A session of its own keeps it out of reach of signals sent to the whole process group of its owner.
        return HasSetSid() ? ProgramRun.Prepare("setsid", shell) : ProgramRun.Prepare(shell[0], shell[1..]);
    }

    private static ProcessStartInfo PrepareWindows(string? directory, string[] command)
    {
        var start = ProgramRun.Prepare(Environment.GetEnvironmentVariable("ComSpec") is { Length: > 0 } shell ? shell : "cmd.exe");
        // Its quotes are not those that a list of arguments would be given.
        start.Arguments = $"/d /v:on /s /c \"{WindowsScript}\"";
        start.Environment["SANDBOX_COMMAND"] = string.Join(' ', command.Select(a => $"\"{a}\""));
        start.Environment["SANDBOX_DIRECTORY"] = directory ?? "";
        return start;
    }

    private static bool HasSetSid() => File.Exists("/usr/bin/setsid") || File.Exists("/bin/setsid");
}
