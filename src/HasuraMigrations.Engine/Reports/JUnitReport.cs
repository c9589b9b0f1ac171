using System.Globalization;
using System.Xml;

namespace HasuraMigrations.Engine.Reports;

/// <summary>
/// Writes JUnit XML as the schema junit-10.xsd of the Jenkins plugin xunit describes it: one suite for the migrations of each database,
/// one for errors, one for findings, one for metadata and one for the API. A migration that failed and a finding of severity Error are failures, what is
/// still to be done is skipped, everything else passes.
/// </summary>
internal static class JUnitReport
{
    internal static string Write(Report report)
    {
        var suites = Suites(report).Where(s => s.Cases.Count > 0).ToList();
        var text = new Report.Utf8Text();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", NewLineHandling = NewLineHandling.Entitize }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", report.Title);
            WriteCounts(xml, suites.SelectMany(s => s.Cases).ToList(), isTop: true);
            foreach (var (name, cases) in suites)
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", name);
                WriteCounts(xml, cases, isTop: false);
                xml.WriteAttributeString("timestamp", report.CreatedAt.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
                cases.ForEach(c => Write(xml, c));
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        return text.ToString() + "\n";
    }

    private static IEnumerable<(string Name, List<Case> Cases)> Suites(Report report)
    {
        foreach (var database in report.Databases)
        {
            yield return ($"migrations of database {database.Key}", [.. database.Select(m => Of(m))]);
        }

        var shown = report.Migrations.Select(m => m.Failure).OfType<ReportProblem>().ToHashSet(ReferenceEqualityComparer.Instance);
        yield return ("errors", [.. report.Failures.Where(f => !shown.Contains(f)).Select(f => Of(f, "errors"))]);
        yield return ("findings", [.. report.Findings.Select(f => Of(f, "findings"))]);
        yield return ("metadata",
        [
            .. report.Imports.Select(i => new Case("metadata", $"import to {i.Target}") { Output = i.Outcome }),
            .. report.Changes.Select(c => new Case("metadata", $"{c.Change} {c.Id}") { Output = c.Place is null ? c.Description : $"{c.Place}: {c.Description}" }),
        ]);
        yield return ("api", [.. report.Api.Select(c => new Case($"api.{c.Role}", $"{c.Class} {c.Criterion} {c.Path}") { Output = string.Join('\n', new[] { c.Message, c.Cause, c.Place?.ToString() ?? "" }.Where(l => l.Length > 0)) })]);
    }

    private static Case Of(ReportMigration migration) => new($"migrations.{migration.Database}", migration.Title)
    {
        Time = migration.Duration,
        Skipped = migration.Mark == ReportMark.Waiting ? migration.Status : null,
        Failure = migration.Failure ?? (migration.Mark is ReportMark.Attention or ReportMark.Failed ? new ReportProblem(FindingSeverity.Error, migration.Status, $"The migration is marked: {migration.Status}.") : null),
        Output = migration.Notes,
    };

    private static Case Of(ReportProblem problem, string suite)
    {
        var subject = problem.Place?.ToString() ?? problem.Subject;
        var isFailure = problem.Severity == FindingSeverity.Error;
        return new Case(suite, subject.Length == 0 ? problem.Id : $"{problem.Id} {subject}")
        {
            Failure = isFailure ? problem : null,
            Output = isFailure ? "" : Sentence(problem),
        };
    }

    private static string Sentence(ReportProblem problem) => problem.Action.Length == 0 ? problem.Message : $"{problem.Message} {problem.Action}";

    private static void WriteCounts(XmlWriter xml, List<Case> cases, bool isTop)
    {
        xml.WriteAttributeString("tests", Number(cases.Count));
        xml.WriteAttributeString("failures", Number(cases.Count(c => c.Failure is not null)));
        xml.WriteAttributeString("errors", "0");
        if (!isTop)
        {
            xml.WriteAttributeString("skipped", Number(cases.Count(c => c.Skipped is not null)));
        }

        xml.WriteAttributeString("time", Seconds(cases.Aggregate(TimeSpan.Zero, (sum, c) => sum + (c.Time ?? TimeSpan.Zero))));
    }

    private static void Write(XmlWriter xml, Case one)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", one.Class);
        xml.WriteAttributeString("name", one.Name);
        xml.WriteAttributeString("time", Seconds(one.Time ?? TimeSpan.Zero));
        if (one.Skipped is { } why)
        {
            xml.WriteStartElement("skipped");
            xml.WriteAttributeString("message", why);
            xml.WriteEndElement();
        }

        if (one.Failure is { } failure)
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("type", failure.Id);
            xml.WriteAttributeString("message", failure.Message);
            IEnumerable<string?> lines = [failure.Place?.ToString(), .. failure.Lines, failure.Action.Length == 0 ? null : failure.Action];
            xml.WriteString(string.Join('\n', lines.OfType<string>()));
            xml.WriteEndElement();
        }

        if (one.Output.Length > 0)
        {
            xml.WriteElementString("system-out", one.Output);
        }

        xml.WriteEndElement();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    private sealed record Case(string Class, string Name)
    {
        internal TimeSpan? Time { get; init; }

        internal string? Skipped { get; init; }

        internal ReportProblem? Failure { get; init; }

        internal string Output { get; init; } = "";
    }
}
