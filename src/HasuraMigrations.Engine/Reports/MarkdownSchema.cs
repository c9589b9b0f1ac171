using System.Text;

namespace HasuraMigrations.Engine.Reports;

/// <summary>Writes a schema as Markdown: the diagram in a fence that GitHub and Azure DevOps draw, and the permissions as a table.</summary>
internal static class MarkdownSchema
{
    internal static string Write(HasuraSchema schema, string title, DateTimeOffset createdAt)
    {
        schema = PrintableSchema.Of(schema);
        var text = new StringBuilder($"# {MarkdownReport.Escape(title)}\n\n{Report.Number(schema.Tables.Count)} tables, {Report.Number(schema.Relationships.Count)} relationships, {Report.Number(schema.Roles.Count)} roles. {Report.Moment(createdAt)}\n\n");
        text.Append("```mermaid\n").Append(MermaidSchema.Write(schema)).Append("```\n");
        if (schema.Roles.Count == 0)
        {
            return text.ToString();
        }

        text.Append("\n## Permissions\n\nSelect, insert, update, delete, with the number of columns; in brackets where there is a condition.\n\n");
        MarkdownReport.Row(text, schema.Roles.Select(MarkdownReport.Code).Prepend("Table"));
        MarkdownReport.Row(text, schema.Roles.Select(_ => "---").Prepend("---"));
        foreach (var table in schema.Tables)
        {
            var byRole = table.Permissions.ToLookup(p => p.Role, StringComparer.Ordinal);
            MarkdownReport.Row(text, schema.Roles.Select(r => string.Join(' ', byRole[r].Select(Letter))).Prepend(MarkdownReport.Code(SchemaDiagram.Label(schema, table))));
        }

        return text.ToString();
    }

    private static string Letter(SchemaPermission permission)
    {
        var count = permission.Operation == "delete" ? "" : permission.Columns is null ? "\\*" : $"{permission.Columns.Count}";
        var letter = $"{char.ToUpperInvariant(permission.Operation[0])}{count}";
        return permission.Filter is null && permission.Check is null ? letter : $"({letter})";
    }
}
