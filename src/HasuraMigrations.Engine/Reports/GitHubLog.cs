using System.Text;

namespace HasuraMigrations.Engine.Reports;

/// <summary>
/// Workflow commands of GitHub Actions. Properties escape more characters than the text does
/// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
/// </summary>
/// <param name="workspace">Directory of the repository; null where it is not known.</param>
internal sealed class GitHubLog(string? workspace) : AgentLog
{
    /// <inheritdoc/>
    public override string BeginGroup(string title) => $"::group::{Escape(OnOneLine(title))}";

    /// <inheritdoc/>
    public override string EndGroup() => "::endgroup::";

    /// <inheritdoc/>
    public override string Issue(AgentIssue issue)
    {
        var properties = new StringBuilder();
        Add("file", issue.File is null ? null : ReportRoot.Relative(workspace, issue.File));
        Add("line", issue.File is not null && issue.Line is { } line ? Number(line) : null);
        Add("col", issue.File is not null && issue.Line is not null && issue.Column is { } column ? Number(column) : null);
        Add("title", issue.Id);
        return $"::{(issue.Severity == FindingSeverity.Error ? "error" : "warning")}{properties}::{Escape(OnOneLine(issue.Message))}";

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                properties.Append(properties.Length == 0 ? ' ' : ',').Append(name).Append('=').Append(EscapeProperty(Printable.Of(value)));
            }
        }
    }

    /// <inheritdoc/>
    public override string? Progress(int percent, string activity) => null;

    private static string Escape(string text) => text
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string EscapeProperty(string text) => Escape(text)
        .Replace(":", "%3A", StringComparison.Ordinal)
        .Replace(",", "%2C", StringComparison.Ordinal);
}
