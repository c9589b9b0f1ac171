namespace HasuraMigrations.Engine.Reports;

/// <summary>Writes a schema as a page of HTML, as Markdown with a diagram, or as the diagram alone.</summary>
public static class SchemaReport
{
    /// <summary>The text of a format.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="format">Html or Markdown.</param>
    /// <param name="title">The heading.</param>
    /// <param name="createdAt">When it is made.</param>
    /// <param name="toolVersion">Version of the module.</param>
    public static string Write(HasuraSchema schema, ReportFormat format, string title, DateTimeOffset createdAt, string toolVersion)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return format switch
        {
            ReportFormat.Html => HtmlSchema.Write(schema, AgentLog.OnOneLine(title), createdAt, toolVersion),
            ReportFormat.Markdown => MarkdownSchema.Write(schema, title, createdAt),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
        };
    }
}
