namespace HasuraMigrations.Tests.Support;

/// <summary>
/// Reads the commands in a log as the agents do. That of Azure Pipelines takes <c>##vso[</c> and <c>##[</c> at any place of a line; the runner of
/// GitHub Actions takes <c>::</c> and a command that it knows after white space at the beginning of a line, and <c>##[</c> at any place.
/// </summary>
public static class AgentReader
{
    private static readonly char[] LineEnds = ['\r', '\n'];

    private static readonly string[] Known =
    [
        "internal-set-repo-path", "set-env", "set-output", "save-state", "add-path", "add-mask", "add-matcher", "remove-matcher", "warning", "error",
        "notice", "debug", "group", "endgroup", "echo", "stop-commands",
    ];

    /// <summary>What the agent of Azure Pipelines reads.</summary>
    public static IReadOnlyList<AgentCommand> Azure(string log) => [.. log.Split(LineEnds).SelectMany(AzureLine)];

    /// <summary>What the runner of GitHub Actions reads.</summary>
    public static IReadOnlyList<AgentCommand> GitHub(string log) => [.. log.Split(LineEnds).SelectMany(GitHubLine)];

    private static IEnumerable<AgentCommand> AzureLine(string line)
    {
        var start = line.IndexOf("##vso[", StringComparison.OrdinalIgnoreCase);
        if (start >= 0 && line.IndexOf(']', start) is var end && end > start)
        {
            var head = line[(start + 6)..end].Split(' ', 2);
            var pairs = head.Length == 1 ? [] : head[1].Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2));
            yield return new AgentCommand(head[0], pairs.ToDictionary(p => p[0], p => OfAzure(p[^1])), OfAzure(line[(end + 1)..]), line);
        }

        foreach (var command in Formatting(line))
        {
            yield return command;
        }
    }

    private static IEnumerable<AgentCommand> GitHubLine(string line)
    {
        var text = line.TrimStart();
        if (text.StartsWith("::", StringComparison.Ordinal) && text.IndexOf("::", 2, StringComparison.Ordinal) is var end && end >= 0)
        {
            var head = text[2..end].Split(' ', 2);
            if (!Known.Contains(head[0], StringComparer.OrdinalIgnoreCase))
            {
                return Formatting(line);
            }

            var pairs = head.Length == 1 ? [] : head[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2));
            return Formatting(line).Prepend(new AgentCommand(head[0], pairs.ToDictionary(p => p[0], p => OfGitHub(p[^1], isProperty: true)), OfGitHub(text[(end + 2)..], isProperty: false), line));
        }

        return Formatting(line);
    }

    private static IEnumerable<AgentCommand> Formatting(string line)
    {
        var start = line.IndexOf("##[", StringComparison.Ordinal);
        if (start >= 0 && line.IndexOf(']', start) is var end && end > start)
        {
            yield return new AgentCommand(line[(start + 3)..end], new Dictionary<string, string>(), line[(end + 1)..], line);
        }
    }

    private static string OfAzure(string text) => text.Replace("%3B", ";").Replace("%0D", "\r").Replace("%0A", "\n").Replace("%5D", "]").Replace("%AZP25", "%");

    private static string OfGitHub(string text, bool isProperty)
    {
        text = text.Replace("%0D", "\r").Replace("%0A", "\n");
        return (isProperty ? text.Replace("%3A", ":").Replace("%2C", ",") : text).Replace("%25", "%");
    }
}

/// <summary>A command that an agent carries out.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Properties">Its properties.</param>
/// <param name="Text">Its text.</param>
/// <param name="Line">The line of the log.</param>
public sealed record AgentCommand(string Name, IReadOnlyDictionary<string, string> Properties, string Text, string Line);
