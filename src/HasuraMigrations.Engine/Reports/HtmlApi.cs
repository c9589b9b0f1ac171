namespace HasuraMigrations.Engine.Reports;

/// <summary>The section of a page with the differences of GraphQL schemas.</summary>
internal static class HtmlApi
{
    private const int MostShown = 100;

    internal static void Write(HtmlText html, Report report)
    {
        if (report.Api.Count == 0)
        {
            return;
        }

        HtmlReport.Heading(html, "api", "API", report.Api.Count);
        foreach (var role in ReportApiRole.Of(report.Api))
        {
            html.Open("h3").Text("Role ").Element("code", role.Role).Text(" ").Element("small", role.Counts).Close().Line();
            HtmlReport.OpenTable(html, isStacked: true, ("Class", ""), ("Path", ""), ("What", ""), ("Cause", ""));
            var folds = role.Folds();
            foreach (var fold in folds.Take(HtmlReport.MostRows))
            {
                Write(html, fold);
            }

            HtmlReport.CloseTable(html);
            HtmlReport.WriteRest(html, folds.Count);
        }
    }

    private static void Write(HtmlText html, ReportApiFold fold)
    {
        var first = fold.First;
        html.Open("tr").Open("td", ("class", "status")).Element("span", first.Class.ToString(), ("class", $"mark {HtmlReport.Class(ReportApiChange.MarkOf(first.Class))}")).Close();
        html.Open("td", ("class", "name")).Element("code", first.Path).Close();
        html.Open("td", ("class", "text")).Text(first.Message);
        if (fold.Others.Count > 0)
        {
            var rest = fold.Others.Count > MostShown ? $"\n{Report.Number(fold.Others.Count - MostShown)} more" : "";
            html.Open("details").Element("summary", $"{Report.Number(fold.Others.Count)} more with it").Element("pre", string.Join('\n', fold.Others.Take(MostShown).Select(o => o.Message)) + rest).Close();
        }

        html.Close().Open("td", ("class", "text")).Text(first.Cause);
        if (first.Place is { } place)
        {
            html.Text(" ").Element("code", place.ToString(), ("class", "muted"));
        }

        html.Close().Close().Line();
    }
}
