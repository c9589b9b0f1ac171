using System.Text;

namespace HasuraMigrations.Engine.Reports;

/// <summary>Writes a schema as an entity relationship diagram of Mermaid, which GitHub and Azure DevOps draw.</summary>
public static class MermaidSchema
{
    // Mermaid draws texts up to 50,000 characters; of many tables only the keys are listed.
    private const int FewTables = 30;

    /// <summary>The text, with LF.</summary>
    public static string Write(HasuraSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var text = new StringBuilder("erDiagram\n");
        for (var i = 0; i < schema.Tables.Count; i++)
        {
            var table = schema.Tables[i];
            var columns = table.Columns.Where(c => schema.Tables.Count <= FewTables || c.IsPrimaryKey || c.IsForeignKey).ToList();
            text.Append($"    t{i + 1}[\"{Quoted(table.Name)}\"]").Append(columns.Count == 0 ? "\n" : " {\n");
            foreach (var column in columns)
            {
                var keys = string.Join(", ", new[] { column.IsPrimaryKey ? "PK" : "", column.IsForeignKey ? "FK" : "" }.Where(k => k.Length > 0));
                var (type, name) = (Word(column.Type ?? "unknown"), Word(column.Name));
                text.Append($"        {type} {name}{(keys.Length > 0 ? $" {keys}" : "")}{(name == column.Name ? "" : $" \"{Quoted(column.Name)}\"")}\n");
            }

            text.Append(columns.Count == 0 ? "" : "    }\n");
        }

        foreach (var edge in SchemaEdges.Of(schema))
        {
            var label = edge.Labels.Count == 0 ? string.Join(", ", edge.Columns) : string.Join(" / ", edge.Labels);
            text.Append($"    t{edge.Parent + 1} {(edge.IsOptional ? "|o" : "||")}--{(edge.IsOneToOne ? "o|" : "o{")} t{edge.Child + 1} : \"{Quoted(label)}\"\n");
        }

        return text.ToString();
    }

    // Codes of characters stand between # and ;.
    private static string Quoted(string text) =>
        string.Concat(text.Select(c => c is '"' or '#' or ';' or '<' or '>' or '&' or '`' or '%' or '\\' || IsHidden(c) ? $"#{(int)c};" : c.ToString()));

    // What ends a line, or turns the direction of text.
    private static bool IsHidden(char c) =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator;

    // Types and names of attributes are words.
    private static string Word(string text)
    {
        var word = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '(' or ')' or '[' or ']' ? c : '_'));
        return word.Length > 0 && char.IsAsciiLetter(word[0]) ? word : $"x{word}";
    }
}
