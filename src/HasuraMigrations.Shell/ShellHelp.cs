namespace HasuraMigrations.Shell;

/// <summary>The text of <c>-Help</c>.</summary>
internal static class ShellHelp
{
    public const string Text = """
        Runs PowerShell with the module HasuraMigrations loaded, on machines that have no pwsh.

        hasura-migrations [[-File] <script.ps1> [argument ...]]
        hasura-migrations -Command { - | <text> ... }
        hasura-migrations

          -File <script.ps1>  Runs a script. What follows are its arguments: -Name value, -Switch, value.
                              Exit code: that of 'exit'; 1 after an error nothing caught; else 0.
          -Command <text>     Runs the rest of the command line; '-' reads the text from standard input.
                              Exit code: that of 'exit'; 1 if the last statement failed; else 0.
          -NonInteractive     A question to the user is an error.
          -NoLogo             Leaves out the greeting of the interactive prompt.
          -NoProfile          Accepted; no profile is ever loaded.
          -Version            Prints the version.
          -Help, -?           Prints this text.

        Options may be shortened. Without -File and -Command, text from standard input is run; at a terminal there is a
        prompt. A wrong option or a missing script gives exit code 64.

        This shell has the Core cmdlets of PowerShell (such as Where-Object, ForEach-Object, Get-Command, Get-Help) and
        those of HasuraMigrations only. It lacks the modules of pwsh, so that Select-Object, Format-Table, Write-Host,
        Get-Content and others are missing: calling one ends the script. Run scripts that need them in pwsh.

        HASURA_MIGRATIONS_MODULE names another folder, or manifest, to load the module from.
        """;
}
