using System.Globalization;

namespace HasuraMigrations.Engine.Reports;

/// <summary>
/// Writes commands that a build agent takes from the log. What comes from outside is made printable first, so that it cannot be one,
/// and then escaped by the rules of the format, so that it stays in its place.
/// </summary>
public abstract class AgentLog
{
    private protected AgentLog()
    {
    }

    /// <summary>The log of a format; null where no commands are written.</summary>
    /// <param name="format">The format; <see cref="PipelineLogFormat.Auto"/> for that of the agent.</param>
    /// <param name="variable">Reads a variable of the environment; null where it is not set.</param>
    public static AgentLog? Of(PipelineLogFormat format, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return format switch
        {
            PipelineLogFormat.AzureDevOps => new AzureLog(),
            PipelineLogFormat.GitHub => new GitHubLog(variable("GITHUB_WORKSPACE")),
            PipelineLogFormat.Auto when IsTrue(variable("TF_BUILD")) => new AzureLog(),
            PipelineLogFormat.Auto when IsTrue(variable("GITHUB_ACTIONS")) => new GitHubLog(variable("GITHUB_WORKSPACE")),
            _ => null,
        };
    }

    /// <summary>Begins a group of lines that can be folded.</summary>
    /// <param name="title">Its title.</param>
    public abstract string BeginGroup(string title);

    /// <summary>Ends the group.</summary>
    public abstract string EndGroup();

    /// <summary>An error or a warning, at its place.</summary>
    /// <param name="issue">The error or warning.</param>
    public abstract string Issue(AgentIssue issue);

    /// <summary>How far the work is; null where the agent shows no progress.</summary>
    /// <param name="percent">From 0 to 100.</param>
    /// <param name="activity">What is being done.</param>
    public abstract string? Progress(int percent, string activity);

    /// <summary>A text of several lines on one line; each is made printable.</summary>
    internal static string OnOneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Printable.Of));

    private protected static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>An error or a warning for the log of an agent.</summary>
/// <param name="Severity">Which of them. Information is not shown by agents.</param>
/// <param name="Id">Stable identifier; null without.</param>
/// <param name="Message">What happened.</param>
/// <param name="File">Full path of the file; null without.</param>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Column">Column in the line, from 1.</param>
public sealed record AgentIssue(FindingSeverity Severity, string? Id, string Message, string? File = null, int? Line = null, int? Column = null);
