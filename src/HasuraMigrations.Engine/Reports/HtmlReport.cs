namespace HasuraMigrations.Engine.Reports;

/// <summary>
/// Writes one page of HTML for people. It loads nothing from elsewhere: its content security policy allows only its own style and
/// script, which it names by their hashes.
/// </summary>
internal static class HtmlReport
{
    /// <summary>Longer lists are cut.</summary>
    internal const int MostRows = 2000;

    private static readonly string Style = HtmlPage.Resource("report.css");
    private static readonly string Script = HtmlPage.Resource("report.js");

    internal static string Write(Report report)
    {
        using var html = new HtmlText();
        html.Open("html", ("lang", "en")).Line();
        HtmlPage.WriteHead(html, report.Title, Script, Style);
        html.Open("body").Line().Open("main").Line();
        WriteSummary(html, report);
        WriteErrors(html, report);
        HtmlTimeline.WriteCharts(html, report);
        HtmlApi.Write(html, report);
        WriteFindings(html, report);
        WriteMetadata(html, report);
        HtmlTimeline.WriteMigrations(html, report);
        html.Close().Line().Own("script", Script).Line().Close().Line().Close();
        return html + "\n";
    }

    /// <summary>The attribute that shows a mark in its color.</summary>
    internal static string Class(ReportMark mark) => mark switch
    {
        ReportMark.Done => "done",
        ReportMark.Waiting => "waiting",
        ReportMark.Attention => "attention",
        _ => "failed",
    };

    /// <summary>The anchor of an error.</summary>
    internal static string Anchor(Report report, ReportProblem problem) => $"error-{report.Failures.TakeWhile(f => !ReferenceEquals(f, problem)).Count() + 1}";

    /// <summary>Says how many rows a long list has left out.</summary>
    internal static void WriteRest(HtmlText html, int count)
    {
        if (count > MostRows)
        {
            html.Element("p", $"{Report.Number(count - MostRows)} more are not listed on this page.", ("class", "muted")).Line();
        }
    }

    private static void WriteSummary(HtmlText html, Report report)
    {
        html.Open("header").Element("h1", report.Title);
        html.Element("span", report.Verdict, ("class", $"verdict {Class(report.VerdictMark)}")).Close().Line();
        html.Element("p", $"Made {Report.Moment(report.CreatedAt)} by HasuraMigrations {report.ToolVersion}", ("class", "muted")).Line();
        if (report.Numbers() is { Count: > 0 } numbers)
        {
            html.Open("ul", ("class", "numbers")).Line();
            foreach (var (label, value, mark) in numbers)
            {
                html.Open("li", ("class", Class(mark))).Element("b", value).Element("span", label).Close().Line();
            }

            html.Close().Line();
        }

        html.Open("nav").Line();
        Link(html, "errors", "Errors", report.Failures.Count);
        Link(html, "timeline", "Timeline", report.Migrations.Count(m => m.Duration is not null));
        Link(html, "api", "API", report.Api.Count);
        Link(html, "findings", "Findings", report.Findings.Count);
        Link(html, "metadata", "Metadata", report.Changes.Count + report.Imports.Count);
        Link(html, "migrations", "Migrations", report.Migrations.Count);
        html.Close().Line();
        if (report.IsEmpty)
        {
            html.Element("p", "Nothing to report: no migration ran, and nothing was found.", ("class", "card")).Line();
        }
    }

    private static void Link(HtmlText html, string target, string label, int count)
    {
        if (count > 0)
        {
            html.Element("a", label, ("href", $"#{target}")).Line();
        }
    }

    private static void WriteErrors(HtmlText html, Report report)
    {
        if (report.Failures.Count == 0)
        {
            return;
        }

        Heading(html, "errors", "Errors", report.Failures.Count);
        foreach (var failure in report.Failures)
        {
            html.Open("article", ("class", "card problem"), ("id", Anchor(report, failure)));
            html.Open("p").Element("strong", failure.Id, ("class", "failed"));
            var where = string.Join(", ", new[] { failure.Subject, failure.Place?.ToString() ?? "" }.Where(w => w.Length > 0));
            if (where.Length > 0)
            {
                html.Text(" ").Element("code", where, ("class", "muted"));
            }

            html.Close().Element("p", failure.Message);
            if (failure.Lines.Count > 0)
            {
                html.Element("pre", string.Join('\n', failure.Lines));
            }

            if (failure.Action.Length > 0)
            {
                html.Element("p", failure.Action, ("class", "muted"));
            }

            html.Close().Line();
        }
    }

    private static void WriteFindings(HtmlText html, Report report)
    {
        if (report.Findings.Count == 0)
        {
            return;
        }

        Heading(html, "findings", "Findings", report.Findings.Count);
        OpenTable(html, isStacked: true, ("Severity", ""), ("Finding", ""), ("Where", ""), ("What", ""));
        foreach (var finding in report.Findings.OrderByDescending(f => f.Severity).Take(MostRows))
        {
            var mark = finding.Severity switch
            {
                FindingSeverity.Error => ReportMark.Failed,
                FindingSeverity.Warning => ReportMark.Attention,
                _ => ReportMark.Done,
            };
            html.Open("tr").Open("td", ("class", "status")).Element("span", finding.Severity.ToString(), ("class", $"mark {Class(mark)}")).Close();
            html.Open("td", ("class", "id")).Element("code", finding.Id).Close();
            html.Open("td", ("class", "name")).Element("code", finding.Place?.ToString() ?? finding.Subject).Close();
            html.Open("td", ("class", "text")).Text(finding.Message);
            if (finding.Action.Length > 0)
            {
                html.Text(" ").Element("span", finding.Action, ("class", "muted"));
            }

            html.Close().Close().Line();
        }

        CloseTable(html);
        WriteRest(html, report.Findings.Count);
    }

    private static void WriteMetadata(HtmlText html, Report report)
    {
        if (report.Imports.Count + report.Changes.Count == 0)
        {
            return;
        }

        Heading(html, "metadata", "Metadata", report.Changes.Count);
        foreach (var import in report.Imports)
        {
            html.Open("p", ("class", "card")).Element("span", import.Outcome, ("class", $"mark {Class(import.Mark)}")).Text(" ").Element("code", import.Target, ("class", "muted")).Close().Line();
        }

        if (report.Changes.Count == 0)
        {
            return;
        }

        OpenTable(html, isStacked: true, ("Change", ""), ("Object", ""), ("What", ""));
        foreach (var change in report.Changes.Take(MostRows))
        {
            html.Open("tr").Element("td", change.Change.ToString(), ("class", "status"));
            html.Open("td", ("class", "name")).Element("code", change.Id).Close();
            html.Open("td", ("class", "text")).Text(change.Description);
            WriteFields(html, change);
            html.Close().Close().Line();
        }

        CloseTable(html);
        WriteRest(html, report.Changes.Count);
    }

    private static void WriteFields(HtmlText html, ReportChange change)
    {
        if (change.Fields.Count == 0)
        {
            return;
        }

        html.Open("details").Element("summary", $"{Report.Number(change.Fields.Count)} changed");
        html.Element("pre", string.Join('\n', change.Fields.Select(f => $"{f.Path}\n- {f.Old}\n+ {f.New}"))).Close();
    }

    /// <summary>A heading that links lead to, with a count.</summary>
    internal static void Heading(HtmlText html, string id, string text, int count) =>
        html.Open("h2", ("id", id)).Text($"{text} ").Element("small", count == 0 ? "" : Report.Number(count)).Close().Line();

    /// <summary>Begins a table.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="isStacked">True for one whose cells stand below each other on narrow pages.</param>
    /// <param name="columns">The headings with their classes.</param>
    internal static void OpenTable(HtmlText html, bool isStacked, params (string Heading, string Class)[] columns)
    {
        html.Open("div", ("class", isStacked ? "table stack" : "table")).Open("table").Open("thead").Open("tr");
        foreach (var (heading, classes) in columns)
        {
            html.Element("th", heading, classes.Length == 0 ? [] : [("class", classes)]);
        }

        html.Close().Close().Line().Open("tbody").Line();
    }

    /// <summary>Ends a table.</summary>
    internal static void CloseTable(HtmlText html) => html.Close().Close().Close().Line();
}
