namespace HasuraMigrations.Shell;

/// <summary>What the command line asks for.</summary>
internal sealed record ShellOptions
{
    private static readonly string[] Names = ["Command", "File", "NonInteractive", "NoProfile", "NoLogo", "Version", "Help"];

    /// <summary>Script text to run, <c>-</c> for what comes from standard input; null for none.</summary>
    public string? Command { get; private init; }

    /// <summary>Script file to run; null for none.</summary>
    public string? File { get; private init; }

    /// <summary>Arguments of <see cref="File"/>.</summary>
    public IReadOnlyList<string> FileArguments { get; private init; } = [];

    public bool NonInteractive { get; private init; }

    public bool NoLogo { get; private init; }

    public bool ShowVersion { get; private init; }

    public bool ShowHelp { get; private init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ShellUsageException">It cannot be understood.</exception>
    public static ShellOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new ShellOptions();
        for (var index = 0; index < arguments.Count; index++)
        {
            var argument = arguments[index];
            if (!argument.StartsWith('-') || argument == "-")
            {
                return WithFile(options, arguments, index);
            }

            switch (NameOf(argument))
            {
                case "Command":
                    return WithCommand(options, arguments, index + 1);
                case "File":
                    return WithFile(options, arguments, index + 1);
                case "NonInteractive":
                    options = options with { NonInteractive = true };
                    break;
                case "NoLogo":
                    options = options with { NoLogo = true };
                    break;
                case "Version":
                    options = options with { ShowVersion = true };
                    break;
                case "Help":
                    options = options with { ShowHelp = true };
                    break;
                default:
                    // There are no profiles, so that leaving them out needs nothing.
                    break;
            }
        }

        return options;
    }

    private static string NameOf(string argument)
    {
        var given = argument.TrimStart('-');
        if (given == "?")
        {
            return "Help";
        }

        var fitting = Names.Where(n => given.Length > 0 && n.StartsWith(given, StringComparison.OrdinalIgnoreCase)).ToList();
        return fitting switch
        {
            [var one] => one,
            [] => throw new ShellUsageException($"The option '{argument}' is not known. Use -Help to see the options."),
            _ => throw new ShellUsageException($"The option '{argument}' may mean -{string.Join(" or -", fitting)}."),
        };
    }

    private static ShellOptions WithCommand(ShellOptions options, IReadOnlyList<string> arguments, int index) =>
        index < arguments.Count
            ? options with { Command = string.Join(' ', arguments.Skip(index)) }
            : throw new ShellUsageException("A command must follow -Command.");

    private static ShellOptions WithFile(ShellOptions options, IReadOnlyList<string> arguments, int index)
    {
        if (index >= arguments.Count)
        {
            throw new ShellUsageException("A script file must follow -File.");
        }

        if (arguments[index] == "-")
        {
            return options with { Command = "-" };
        }

        var file = Path.GetFullPath(arguments[index]);
        if (!System.IO.File.Exists(file))
        {
            throw new ShellUsageException(
                $"The argument '{arguments[index]}' is not recognized as the name of a script file. Check the spelling of the name, "
                + "or if a path was included, verify that the path is correct and try again.");
        }

        return Path.GetExtension(file).Equals(".ps1", StringComparison.OrdinalIgnoreCase)
            ? options with { File = file, FileArguments = [.. arguments.Skip(index + 1)] }
            : throw new ShellUsageException($"The file '{arguments[index]}' cannot be run: it has no '.ps1' extension.");
    }
}

/// <summary>The command line cannot be understood.</summary>
internal sealed class ShellUsageException(string message) : Exception(message);
