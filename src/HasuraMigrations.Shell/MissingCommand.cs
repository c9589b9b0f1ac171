using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HasuraMigrations.Shell;

/// <summary>Tells users of a command that pwsh has and this shell lacks where they find it.</summary>
internal static class MissingCommand
{
    // The engine looks commands up to run them with this method, and with others for Get-Command and Get-Help, where a
    // missing command is no error of ours to explain.
    private const string LookupToRun = "LookupCommandProcessor";

    // The engine tries a name without a verb with this one in front.
    private const string GuessedPrefix = "get-";

    /// <summary>
    /// Called by the engine when it found no command of a name. One that is named like a cmdlet becomes a command that ends
    /// the script: going on without what a cmdlet of pwsh would have done is not safe here.
    /// </summary>
    public static void Explain(CommandLookupEventArgs lookup)
    {
        var name = lookup.CommandName;
        if (name.Contains('-', StringComparison.Ordinal) && !name.StartsWith(GuessedPrefix, StringComparison.Ordinal) && IsToBeRun())
        {
            // The engine swallows exceptions thrown here: the error has to come from a command.
            lookup.CommandScriptBlock = ScriptBlock.Create(Script(name));
        }
    }

    private static string Script(string name)
    {
        var message = $"'{name}' is not part of this shell; it has the Core cmdlets and HasuraMigrations only. Run the script in pwsh instead.";
        // On one line, because the view of an error shows the code of a longer script.
        return "$place = if ($MyInvocation.ScriptName) { \"$($MyInvocation.ScriptName):$($MyInvocation.ScriptLineNumber): \" }; "
            + "throw [System.Management.Automation.ErrorRecord]::new("
            + $"[System.Management.Automation.CommandNotFoundException]::new($place + {Quote(message)}), "
            + $"'CommandNotFoundException', 'ObjectNotFound', {Quote(name)})";
    }

    private static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    private static bool IsToBeRun() => new StackTrace().GetFrames().Any(f => f.GetMethod()?.Name == LookupToRun);
}
