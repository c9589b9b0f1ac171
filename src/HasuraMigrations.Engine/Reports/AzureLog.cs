using System.Text;

namespace HasuraMigrations.Engine.Reports;

/// <summary>
/// Logging commands of Azure Pipelines. The agent replaces the same escapes in properties and messages; the formatting commands
/// <c>##[group]</c> and <c>##[endgroup]</c> have none (https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands).
/// </summary>
internal sealed class AzureLog : AgentLog
{
    /// <inheritdoc/>
    public override string BeginGroup(string title) => $"##[group]{OnOneLine(title)}";

    /// <inheritdoc/>
    public override string EndGroup() => "##[endgroup]";

    /// <inheritdoc/>
    public override string Issue(AgentIssue issue)
    {
        var properties = new StringBuilder($"type={(issue.Severity == FindingSeverity.Error ? "error" : "warning")};");
        // The agent makes full paths relative to the repository.
        Add("sourcepath", issue.File);
        Add("linenumber", issue.File is not null && issue.Line is { } line ? Number(line) : null);
        Add("columnnumber", issue.File is not null && issue.Line is not null && issue.Column is { } column ? Number(column) : null);
        Add("code", issue.Id);
        return $"##vso[task.logissue {properties}]{Escape(OnOneLine(issue.Message))}";

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                properties.Append(name).Append('=').Append(Escape(Printable.Of(value))).Append(';');
            }
        }
    }

    /// <inheritdoc/>
    public override string? Progress(int percent, string activity) => $"##vso[task.setprogress value={Number(percent)};]{Escape(OnOneLine(activity))}";

    private static string Escape(string text) => text
        .Replace("%", "%AZP25", StringComparison.Ordinal)
        .Replace(";", "%3B", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal)
        .Replace("]", "%5D", StringComparison.Ordinal);
}
