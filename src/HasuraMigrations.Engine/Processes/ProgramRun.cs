using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace HasuraMigrations.Engine.Processes;

/// <summary>The outcome of a program that ran to its end.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    // A server started by pg_ctl can inherit the pipes on Windows, so that their end never comes.
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    public bool Succeeded => ExitCode == 0;

    /// <summary>Everything it printed, trimmed.</summary>
    public string Text => $"{Output.Trim()}\n{Error.Trim()}".Trim();

    /// <summary>Runs a program without a shell; on cancellation it is killed with its children.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <returns>The outcome; exit code -1 and the system's message where the program could not be started.</returns>
    public static async Task<ProgramRun> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return new ProgramRun(-1, "", exception.Message);
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            throw;
        }

        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(OutputGrace, cancellationToken)).ConfigureAwait(false);
        return new ProgramRun(process.ExitCode, Finished(output), Finished(error));
    }

    /// <summary>Start information for a program and its arguments, with no variable that would sway PostgreSQL's programs.</summary>
    public static ProcessStartInfo Prepare(string program, params IEnumerable<string> arguments)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Else the code page of the console counts on Windows.
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("PG", OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private static string Finished(Task<string> reader) => reader.IsCompletedSuccessfully ? reader.Result : "";

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself in the meantime.
        }
    }
}
