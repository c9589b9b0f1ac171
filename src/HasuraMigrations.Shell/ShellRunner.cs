using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace HasuraMigrations.Shell;

/// <summary>Runs what the command line asks for in a session.</summary>
internal sealed partial class ShellRunner(ShellSession session)
{
    private const string ContinuationPrompt = ">> ";

    /// <summary>Runs text; the exit code is that of <c>exit</c>, or tells whether the last statement succeeded.</summary>
    public int RunCommand(string text)
    {
        var succeeded = session.Run(text);
        return session.ExitCode ?? (succeeded == true ? ExitCodes.Success : ExitCodes.Failure);
    }

    /// <summary>Runs a script file in the global scope.</summary>
    public int RunFile(string file, IReadOnlyList<string> arguments)
    {
        var succeeded = session.Run($". {Quote(file)} {string.Join(' ', arguments.Select(ToSource))}");
        if (session.ExitCode is { } code)
        {
            return code;
        }

        // An 'exit' ends only the script itself; with a code other than 0 the call of the script counts as failed.
        return succeeded switch
        {
            true => ExitCodes.Success,
            false when session.LastExitCode == ExitCodes.Success && NeverRan(file) => ExitCodes.Failure,
            false => session.LastExitCode,
            null => ExitCodes.Failure,
        };
    }

    /// <summary>Reads and runs line after line until <c>exit</c> or the end of input.</summary>
    public int RunPrompt()
    {
        while (session.ExitCode is null)
        {
            Console.Write(session.Evaluate("prompt"));
            if (ReadStatement() is not { } text)
            {
                Console.WriteLine();
                break;
            }

            session.Resume();
            session.Run(text);
        }

        return session.ExitCode ?? ExitCodes.Success;
    }

    // A script that cannot be parsed, or called as it was, fails; one that ran and whose last statement failed does not.
    private bool NeverRan(string file)
    {
        Parser.ParseFile(Path.GetFullPath(file), out _, out var errors);
        return errors.Length > 0
            || session.LastError is { Exception: ParameterBindingException or ScriptRequiresException } error
            && string.IsNullOrEmpty(error.InvocationInfo?.ScriptName);
    }

    private static string? ReadStatement()
    {
        var text = Console.ReadLine();
        while (text is not null && IsIncomplete(text))
        {
            Console.Write(ContinuationPrompt);
            if (Console.ReadLine() is not { } more)
            {
                break;
            }

            text += "\n" + more;
        }

        return text;
    }

    private static bool IsIncomplete(string text)
    {
        Parser.ParseInput(text, out _, out var errors);
        return errors.Any(e => e.IncompleteInput);
    }

    // Every argument is a string for the script, as with pwsh, except names of parameters and $true and $false after a colon.
    private static string ToSource(string argument)
    {
        var match = ParameterPattern().Match(argument);
        if (!match.Success)
        {
            return Quote(argument);
        }

        var name = match.Groups[1].Value;
        var value = match.Groups[2];
        return !value.Success
            ? name
            : $"{name}:{(value.Value.ToLowerInvariant() is "$true" or "$false" ? value.Value : Quote(value.Value))}";
    }

    private static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    [GeneratedRegex(@"^(-[A-Za-z_]\w*)(?::(.+))?$", RegexOptions.Singleline)]
    private static partial Regex ParameterPattern();
}
