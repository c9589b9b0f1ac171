using System.Diagnostics;

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

    private const string WindowsScript = """
        $line = [Console]::In.ReadLine()
        if ($line -eq 'released') { exit 0 }
        $program, $arguments = $env:SANDBOX_COMMAND -split "`n"
        foreach ($again in 1..3) {
          & $program @arguments *> $null
          if ($env:SANDBOX_DIRECTORY) { Remove-Item -LiteralPath $env:SANDBOX_DIRECTORY -Recurse -Force -ErrorAction Ignore }
          Start-Sleep -Seconds 1
        }
        """;

    // Keeps their pipes open: a collected process object would close its pipe too early.
    private static readonly System.Collections.Concurrent.ConcurrentBag<Process> Abandoned = [];

    private readonly Process _process;

    private Watchdog(Process process) => _process = process;

    /// <summary>Starts the child.</summary>
    /// <param name="user">The user it runs as.</param>
    /// <param name="directory">Directory it removes; null for none.</param>
    /// <param name="command">Program and arguments of the clean-up.</param>
    public static Watchdog Start(UnprivilegedUser user, string? directory, params string[] command)
    {
        var start = OperatingSystem.IsWindows() ? PrepareWindows(directory, command) : PrepareUnix(user, directory, command);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = Path.GetPathRoot(Environment.CurrentDirectory) ?? "";
        return new Watchdog(Process.Start(start)!);
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
        string[] shell = ["/bin/sh", "-c", UnixScript, "sandbox-watchdog", directory ?? "", .. command];
        // A session of its own keeps it out of reach of signals sent to the whole process group of its owner.
        return HasSetSid() ? user.Prepare("setsid", shell) : user.Prepare(shell[0], shell[1..]);
    }

    private static ProcessStartInfo PrepareWindows(string? directory, string[] command)
    {
        var start = ProgramRun.Prepare("powershell.exe", "-NoProfile", "-NonInteractive", "-Command", WindowsScript);
        start.Environment["SANDBOX_COMMAND"] = string.Join('\n', command);
        start.Environment["SANDBOX_DIRECTORY"] = directory ?? "";
        return start;
    }

    private static bool HasSetSid() => File.Exists("/usr/bin/setsid") || File.Exists("/bin/setsid");
}
