using System.Text;

namespace HasuraMigrations.Engine.Reports;

/// <summary>
/// Writes Markdown for the summary of a run of a pipeline. Names and places stand in code spans and other text is escaped, so that nothing in
/// them is read as Markdown or HTML. Long lists are cut and say so: GitHub takes at most 1 MiB.
/// </summary>
internal static class MarkdownReport
{
    private const int MostRows = 1000;
    private const int MostApiRows = 20;

    internal static string Write(Report report)
    {
        var text = new StringBuilder($"# {Escape(report.Title)}\n\n");
        text.Append($"**{report.Verdict}.** ").Append($"{Report.Moment(report.CreatedAt)}\n\n");
        if (report.Numbers() is { Count: > 0 } numbers)
        {
            Row(text, numbers.Select(n => Escape(n.Label)));
            Row(text, numbers.Select(_ => "---:"));
            Row(text, numbers.Select(n => n.Value));
            text.Append('\n');
        }

        Section(text, "Errors", ["Error", "Where", "What"], report.Failures, f => [Code(f.Id), Where(f), Sentence(f)]);
        foreach (var database in report.Databases)
        {
            Section(text, $"Database {Code(database.Key)}", ["Migration", "Status", "Duration", "Notes"], [.. database], m => [Code(m.Title), Status(m), DurationText.Of(m.Duration), Escape(m.Notes)]);
        }

        WriteApi(text, report);
        Section(text, "Findings", ["Severity", "Finding", "Where", "What"], report.Findings, f => [f.Severity.ToString(), Code(f.Id), Where(f), Sentence(f)]);
        Section(text, "Imports of metadata", ["Target", "Outcome"], report.Imports, i => [Code(i.Target), Escape(i.Outcome)]);
        Section(text, "Changes of the metadata", ["Change", "Object", "What"], report.Changes, c => [c.Change.ToString(), Code(c.Id), Escape(c.Description)]);
        if (report.IsEmpty)
        {
            text.Append("Nothing to report.\n");
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    // Short enough for a comment on a pull request: what is safe is a number, and what has one cause is one row.
    private static void WriteApi(StringBuilder text, Report report)
    {
        if (report.Api.Count == 0)
        {
            return;
        }

        text.Append($"## Changes of the API ({Report.Number(report.Api.Count)})\n\n");
        foreach (var role in ReportApiRole.Of(report.Api))
        {
            text.Append($"### Role {Code(role.Role)}: {role.Counts}\n\n");
            var folds = role.Folds().Where(f => f.First.Class != ApiChangeClass.Safe).ToList();
            if (folds.Count == 0)
            {
                continue;
            }

            Row(text, ["Class", "What", "Cause"]);
            Row(text, ["---", "---", "---"]);
            foreach (var fold in folds.Take(MostApiRows))
            {
                var where = fold.First.Place is { } place ? $"<br>{Code(place.ToString())}" : "";
                Row(text, [fold.First.Class == ApiChangeClass.Breaking ? $"**{fold.First.Class}**" : $"{fold.First.Class}", Escape(fold.Sentence), $"{Escape(fold.First.Cause)}{where}"]);
            }

            text.Append(folds.Count > MostApiRows ? $"\n{Report.Number(folds.Count - MostApiRows)} more are not listed here.\n\n" : "\n");
        }
    }

    private static void Section<T>(StringBuilder text, string title, string[] columns, IReadOnlyList<T> rows, Func<T, string[]> cells)
    {
        if (rows.Count == 0)
        {
            return;
        }

        text.Append($"## {title} ({Report.Number(rows.Count)})\n\n");
        Row(text, columns);
        Row(text, columns.Select(_ => "---"));
        foreach (var row in rows.Take(MostRows))
        {
            Row(text, cells(row));
        }

        text.Append(rows.Count > MostRows ? $"\n{Report.Number(rows.Count - MostRows)} more are not listed here.\n\n" : "\n");
    }

    internal static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Status(ReportMigration migration) => migration.Mark == ReportMark.Failed ? $"**{Escape(migration.Status)}**" : Escape(migration.Status);

    private static string Where(ReportProblem problem) => problem.Place is { } place ? Code(place.ToString()) : problem.Subject.Length > 0 ? Code(problem.Subject) : "";

    private static string Sentence(ReportProblem problem) =>
        string.Join("<br>", new[] { Escape(problem.Message) }.Concat(problem.Lines.Select(Code)).Concat(problem.Action.Length == 0 ? [] : [Escape(problem.Action)]));

    // A fence that is longer than any in the text. A table takes \| for a bar, in code too.
    internal static string Code(string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        var longest = 0;
        var run = 0;
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        var fence = new string('`', longest + 1);
        var space = longest > 0 || text.Trim().Length == 0 ? " " : "";
        return $"{fence}{space}{text.Replace("|", "\\|", StringComparison.Ordinal)}{space}{fence}";
    }

    // CommonMark takes a backslash before any punctuation of ASCII; angle brackets are escaped for readers that know HTML only.
    internal static string Escape(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = c switch
            {
                '<' => result.Append("&lt;"),
                '>' => result.Append("&gt;"),
                '&' => result.Append("&amp;"),
                '@' => result.Append("&#64;"),
                '\t' => result.Append(' '),
                '.' or ',' or '\'' or '"' or '(' or ')' or ';' or '-' or '=' or '/' or '?' or '%' => result.Append(c),
                _ when char.IsAscii(c) && char.IsPunctuation(c) || c is '`' or '|' or '$' or '^' or '~' or '+' => result.Append('\\').Append(c),
                _ => result.Append(c),
            };
        }

        return result.ToString();
    }
}
