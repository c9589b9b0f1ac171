using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using HasuraMigrations.Shell;

Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
try
{
    return Run(ShellOptions.Parse(args));
}
catch (ShellUsageException exception)
{
    Console.Error.WriteLine(exception.Message);
    return ExitCodes.BadArguments;
}
catch (FileNotFoundException exception) when (exception.FileName is null)
{
    Console.Error.WriteLine(exception.Message);
    return ExitCodes.Failure;
}
catch (RuntimeException exception)
{
    Console.Error.WriteLine($"The module could not be loaded: {exception.Message}");
    return ExitCodes.Failure;
}

static int Run(ShellOptions options)
{
    if (options.ShowHelp || options.ShowVersion)
    {
        Console.WriteLine(options.ShowHelp ? ShellHelp.Text : $"hasura-migrations {Version()}, PowerShell {EngineVersion()}");
        return ExitCodes.Success;
    }

    var command = options.Command == "-" || (options is { Command: null, File: null } && Console.IsInputRedirected)
        ? Console.In.ReadToEnd()
        : options.Command;
    var prompts = command is null && options.File is null;
    using var session = ShellSession.Open(new ShellHost(!options.NonInteractive), ModuleLocator.Find());
    using var interruption = new Interruption(session, prompts);
    var runner = new ShellRunner(session);
    if (prompts && !options.NoLogo)
    {
        Console.WriteLine($"HasuraMigrations {Version()}. Core cmdlets and those of the module; 'exit' ends.");
    }

    var exitCode = command is not null ? runner.RunCommand(command)
        : options.File is not null ? runner.RunFile(options.File, options.FileArguments)
        : runner.RunPrompt();
    return interruption.ExitCode ?? exitCode;
}

static string Version() => typeof(ShellOptions).Assembly.GetName().Version!.ToString(3);

static string EngineVersion() =>
    typeof(Runspace).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split(' ', '+')[0];
