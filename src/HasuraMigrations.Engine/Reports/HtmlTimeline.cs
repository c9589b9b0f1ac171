namespace HasuraMigrations.Engine.Reports;

/// <summary>Writes the migrations of a page: a chart of their durations, the slowest, and all of them.</summary>
internal static class HtmlTimeline
{
    private const int MostColumns = 150;
    private const int FewMigrations = 25;
    private const int Slowest = 10;
    private const double Width = 1000;
    private const double Height = 120;

    /// <summary>For each database a chart of durations in the order of the run; of many migrations also the slowest.</summary>
    internal static void WriteCharts(HtmlText html, Report report)
    {
        var databases = report.Databases.Where(d => d.Any(m => m.Duration is not null)).ToList();
        if (databases.Count == 0)
        {
            return;
        }

        HtmlReport.Heading(html, "timeline", "Timeline", 0);
        foreach (var database in databases)
        {
            List<ReportMigration> migrations = [.. database];
            var total = migrations.Aggregate(TimeSpan.Zero, (sum, m) => sum + (m.Duration ?? TimeSpan.Zero));
            html.Open("h3").Text($"Database {database.Key} ").Element("small", $"{Report.Number(migrations.Count)} migration{(migrations.Count == 1 ? "" : "s")}, {DurationText.Of(total)}").Close().Line();
            WriteChart(html, migrations);
            if (migrations.Count > FewMigrations)
            {
                html.Element("h3", $"The {Slowest} slowest").Line();
                WriteTable(html, report, [.. migrations.Select((m, i) => (i + 1, m)).OrderByDescending(m => m.m.Duration ?? TimeSpan.Zero).Take(Slowest)], isList: false);
            }
        }
    }

    /// <summary>Every migration with its status, duration and notes.</summary>
    internal static void WriteMigrations(HtmlText html, Report report)
    {
        if (report.Migrations.Count == 0)
        {
            return;
        }

        HtmlReport.Heading(html, "migrations", "Migrations", report.Migrations.Count);
        if (report.Migrations.Count > FewMigrations)
        {
            // The script shows it.
            html.Open("div", ("class", "filter"), ("hidden", "hidden")).Element("label", "Show only", ("for", "filter"));
            html.Void("input", ("id", "filter"), ("type", "search"), ("placeholder", "version, name, status or note"));
            html.Element("span", "", ("id", "shown"), ("class", "muted"), ("aria-live", "polite")).Close().Line();
        }

        foreach (var database in report.Databases)
        {
            html.Element("h3", $"Database {database.Key}").Line();
            WriteTable(html, report, [.. database.Select((m, i) => (i + 1, m))], isList: true);
        }
    }

    // Of many migrations, one column stands for several, which follow each other.
    private static void WriteChart(HtmlText html, List<ReportMigration> migrations)
    {
        var perColumn = (migrations.Count + MostColumns - 1) / MostColumns;
        var columns = migrations.Chunk(perColumn).Select(c => (Migrations: c, Time: c.Aggregate(TimeSpan.Zero, (sum, m) => sum + (m.Duration ?? TimeSpan.Zero)))).ToList();
        var longest = columns.Max(c => c.Time);
        html.Open("div", ("class", "card chart"));
        html.Open("div", ("class", "axis")).Element("span", perColumn == 1 ? $"The longest: {DurationText.Of(longest)}" : $"The longest {perColumn} in a row: {DurationText.Of(longest)}").Element("span", "Heights grow with the square root of the time").Close();
        html.Open("svg", ("viewBox", $"0 0 {Width} {Height}"), ("preserveAspectRatio", "none"), ("role", "img"), ("aria-label", "Durations of the migrations in the order of the run"));
        var step = Width / columns.Count;
        for (var i = 0; i < columns.Count; i++)
        {
            var (group, time) = columns[i];
            // One that takes a hundred times as long as the others would leave nothing of them.
            var height = Math.Max(2, longest > TimeSpan.Zero ? Height * Math.Sqrt(time / longest) : 0);
            var gap = Math.Min(step * 0.2, 6);
            html.Open("rect", ("x", HtmlText.Number((i * step) + (gap / 2))), ("y", HtmlText.Number(Height - height)), ("width", HtmlText.Number(Math.Min(step - gap, 60))), ("height", HtmlText.Number(height)), ("class", HtmlReport.Class(group.Max(m => m.Mark))));
            html.Element("title", group.Length == 1 ? $"{group[0].Title}, {group[0].Status}, {DurationText.Of(time)}" : $"{group[0].Label} to {group[^1].Label}, {DurationText.Of(time)}").Close();
        }

        html.Close();
        html.Open("div", ("class", "axis")).Element("span", migrations[0].Label).Element("span", migrations.Count == 1 ? "" : migrations[^1].Label).Close();
        html.Close().Line();
    }

    private static void WriteTable(HtmlText html, Report report, List<(int Number, ReportMigration Migration)> rows, bool isList)
    {
        var longest = rows.Max(r => r.Migration.Duration) ?? TimeSpan.Zero;
        var hasTimes = longest > TimeSpan.Zero;
        var hasMoments = rows.Exists(r => r.Migration.At is not null);
        List<(string, string)> columns = [("#", "number wide"), ("Version", "number"), ("Name", ""), ("Status", "")];
        columns.AddRange(hasMoments ? [("When", "wide")] : []);
        columns.AddRange(hasTimes ? [("Duration", "number"), ("", "wide")] : []);
        HtmlReport.OpenTable(html, isStacked: false, [.. columns]);
        foreach (var (number, migration) in rows)
        {
            html.Open("tr", isList ? [("class", "migration")] : []);
            html.Element("td", $"{number}", ("class", "number wide muted"));
            html.Element("td", migration.Version == 0 ? "" : $"{migration.Version}", ("class", "number"));
            WriteName(html, report, migration);
            html.Open("td", ("class", "status")).Element("span", migration.Status, ("class", $"mark {HtmlReport.Class(migration.Mark)}")).Close();
            if (hasMoments)
            {
                html.Element("td", migration.At is { } at ? Report.Moment(at) : "", ("class", "status wide"));
            }

            if (hasTimes)
            {
                html.Element("td", DurationText.Of(migration.Duration), ("class", "number"));
                WriteBar(html, migration, longest);
            }

            html.Close().Line();
        }

        HtmlReport.CloseTable(html);
    }

    private static void WriteBar(HtmlText html, ReportMigration migration, TimeSpan longest)
    {
        html.Open("td", ("class", "bar wide"));
        if (migration.Duration is { } duration)
        {
            html.Open("svg", ("aria-hidden", "true")).Void("rect", ("width", $"{HtmlText.Number(Math.Max(0.5, 100 * (duration / longest)))}%"), ("height", "8"), ("class", HtmlReport.Class(migration.Mark))).Close();
        }

        html.Close();
    }

    private static void WriteName(HtmlText html, Report report, ReportMigration migration)
    {
        html.Open("td", ("class", "name")).Text(migration.Name);
        if (migration.Notes.Length > 0)
        {
            html.Text(" ").Element("small", migration.Notes, ("class", "muted"));
        }

        if (migration.Failure is { } failure)
        {
            html.Text(" ").Element("a", failure.Id, ("href", $"#{HtmlReport.Anchor(report, failure)}"));
        }

        html.Close();
    }
}
