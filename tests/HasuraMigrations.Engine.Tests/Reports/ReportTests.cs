using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using HasuraMigrations.Engine.Reports;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Reports;

public sealed class ReportTests
{
    private static readonly string Root = Path.GetFullPath("/srv/repo");
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static TheoryData<int> Texts => [.. Enumerable.Range(0, HostileTexts.All.Length)];

    [Fact]
    public void JUnit_has_a_suite_for_each_database_and_kind_with_true_counts()
    {
        var suites = XDocument.Parse(Write(ReportFormat.JUnit, Everything())).Root!;

        Assert.Equal("testsuites", suites.Name);
        Assert.Equal(("12", "4", "0", "1.750"), (Value(suites, "tests"), Value(suites, "failures"), Value(suites, "errors"), Value(suites, "time")));
        Assert.Equal(
            ["migrations of database one 3/1/0", "migrations of database two 2/0/1", "errors 1/1/0", "findings 3/2/0", "metadata 3/0/0"],
            suites.Elements().Select(s => $"{Value(s, "name")} {Value(s, "tests")}/{Value(s, "failures")}/{Value(s, "skipped")}"));
        Assert.All(suites.Elements(), s => Assert.Equal(Value(s, "tests"), $"{s.Elements("testcase").Count()}"));
        var failed = suites.Descendants("testcase").Single(c => Value(c, "name") == "3_bad");
        Assert.Equal(("MigrationFailed", "It failed."), (Value(failed.Element("failure")!, "type"), Value(failed.Element("failure")!, "message")));
        Assert.Equal("migrations/3_bad/up.sql:2:5\nSELECT 1/0;\nDetail: d\nHint: h\nDo this.", failed.Element("failure")!.Value);
        Assert.Equal("To apply", Value(suites.Descendants("skipped").Single(), "message"));
        Assert.Equal("0.250", Value(suites.Descendants("testcase").Single(c => Value(c, "name") == "1_a"), "time"));
    }

    [Fact]
    public void Sarif_has_rules_levels_and_places_from_the_root()
    {
        using var json = JsonDocument.Parse(Write(ReportFormat.Sarif, Everything()));
        var run = json.RootElement.GetProperty("runs")[0];
        var results = run.GetProperty("results").EnumerateArray().ToList();

        Assert.Equal("2.1.0", json.RootElement.GetProperty("version").GetString());
        Assert.False(run.GetProperty("invocations")[0].GetProperty("executionSuccessful").GetBoolean());
        Assert.Equal(["error", "error", "warning", "error", "error", "note", "note"], results.Select(r => r.GetProperty("level").GetString()));
        var rules = run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("id").GetString()).ToList();
        Assert.All(results, r => Assert.Equal(r.GetProperty("ruleId").GetString(), rules[r.GetProperty("ruleIndex").GetInt32()]));
        var place = results[0].GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal(("migrations/3_bad/up.sql", "SRCROOT"), (place.GetProperty("artifactLocation").GetProperty("uri").GetString(), place.GetProperty("artifactLocation").GetProperty("uriBaseId").GetString()));
        Assert.Equal((2, 5), (place.GetProperty("region").GetProperty("startLine").GetInt32(), place.GetProperty("region").GetProperty("startColumn").GetInt32()));
        var outside = results[2].GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation");
        Assert.StartsWith("file:///", outside.GetProperty("uri").GetString());
        Assert.EndsWith("/other/a%20b.sql", outside.GetProperty("uri").GetString());
        Assert.False(outside.TryGetProperty("uriBaseId", out _));
    }

    [Fact]
    public void Markdown_has_a_table_for_each_part()
    {
        var text = Write(ReportFormat.Markdown, Everything());

        Assert.StartsWith("# A title\n\n**Failed.** 2026-01-02 03:04:05 UTC\n\n| Applied | Failed | To apply | Pending | Errors | Warnings | Metadata changes | Duration |\n", text);
        Assert.Contains("\n| 3 | 1 | 1 | 7 | 3 | 1 | 2 | 1.75 s |\n", text.Replace("\u00A0", " "));
        Assert.Contains("\n| `3_bad` | **Failed** |  |  |\n", text);
        Assert.Contains("\n| `MigrationFailed` | `migrations/3_bad/up.sql:2:5` | It failed.<br>`SELECT 1/0;`<br>`Detail: d`<br>`Hint: h`<br>Do this. |\n", text);
        Assert.Contains("## Changes of the metadata (2)", text);
    }

    [Fact]
    public void Html_allows_nothing_but_its_own_style_and_script()
    {
        var text = Write(ReportFormat.Html, Everything());
        var page = Parse(text);

        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", text);
        var policy = page.Descendants("meta").Single(m => Value(m, "http-equiv") == "Content-Security-Policy").Attribute("content")!.Value;
        Assert.Matches("^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$", policy);
        foreach (var name in new[] { "style", "script" })
        {
            var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(page.Descendants(name).Single().Value)));
            Assert.Contains($"{name}-src 'sha256-{hash}'", policy);
        }

        Assert.All(page.Descendants().Attributes("href"), a => Assert.Contains(page.Descendants(), e => $"#{Value(e, "id")}" == a.Value));
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName is "src" or "style" || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.Contains("Failed", page.Descendants("header").Single().Value);
    }

    [Theory]
    [InlineData(ReportFormat.JUnit)]
    [InlineData(ReportFormat.Sarif)]
    [InlineData(ReportFormat.Markdown)]
    [InlineData(ReportFormat.Html)]
    public void An_empty_report_is_one_too(ReportFormat format)
    {
        var text = Write(format, []);

        Assert.EndsWith("\n", text);
        Assert.DoesNotContain("Failed", text.Replace(".verdict.failed", ""));
        Assert.Equal(format == ReportFormat.JUnit ? "0" : "", format == ReportFormat.JUnit ? Value(XDocument.Parse(text).Root!, "tests") : "");
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_from_outside_stays_a_text_in_every_format(int index)
    {
        var text = HostileTexts.All[index];
        var objects = Hostile(text);
        var shown = Printable.Of(text);

        var junit = XDocument.Parse(Write(ReportFormat.JUnit, objects));
        Assert.Contains(junit.Descendants("testcase"), c => Value(c, "name") == $"1_{shown}");
        Assert.Contains(junit.Descendants("failure"), f => f.Value.Contains(shown, StringComparison.Ordinal));

        using var sarif = JsonDocument.Parse(Write(ReportFormat.Sarif, objects));
        Assert.Contains(sarif.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray(), r => r.GetProperty("message").GetProperty("text").GetString()!.Contains(shown, StringComparison.Ordinal));

        var html = Parse(Write(ReportFormat.Html, objects));
        Assert.Contains(html.Descendants("td"), c => c.Value == shown);
        string[] known = ["html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "h3", "small", "span", "p", "ul", "li", "b", "nav", "a", "article", "strong", "code", "pre", "div", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "svg", "rect", "script"];
        Assert.All(html.Descendants(), e => Assert.Contains(e.Name.LocalName, known));
        Assert.Single(html.Descendants("script"));

        foreach (var format in Enum.GetValues<ReportFormat>())
        {
            var written = Write(format, objects);
            Assert.DoesNotContain(written, c => char.IsControl(c) && c is not ('\n' or '\t'));
            Assert.DoesNotContain(AgentReader.Azure(written), c => c.Name.StartsWith("task.", StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(AgentReader.GitHub(written), c => c.Line.TrimStart().StartsWith("::", StringComparison.Ordinal));
            Assert.DoesNotContain("##[", written);
        }

        var lines = Write(ReportFormat.Markdown, objects).Split('\n');
        Assert.All(lines, l => Assert.True(l.Length == 0 || l[0] is '#' or '|' || l.StartsWith("**", StringComparison.Ordinal), l));
        Assert.All(lines, l => Assert.DoesNotMatch("<(?!br>)", System.Text.RegularExpressions.Regex.Replace(l, "(?<!`)(`+)(?!`).*?(?<!`)\\1(?!`)", "")));
    }

    [Fact]
    public void An_object_that_comes_twice_counts_once()
    {
        var summary = Summary();

        Assert.Equal(Write(ReportFormat.JUnit, [summary]), Write(ReportFormat.JUnit, [summary, .. summary.Databases, .. summary.Results, .. summary.Failures]));
        Assert.False(new ReportBuilder(Root).Add("text"));
    }

    [Fact]
    public void A_page_of_2000_migrations_is_small_and_whole()
    {
        var text = Write(ReportFormat.Html, Enumerable.Range(1, 2000).Select(i => Result("one", i, $"create_table_{i}", i % 97)));

        Assert.InRange(text.Length, 1, 1_000_000);
        Assert.Equal(2000, Parse(text).Descendants("tr").Count(r => Value(r, "class") == "migration"));
    }

    [Fact]
    public void Markdown_says_what_it_leaves_out()
    {
        var text = Write(ReportFormat.Markdown, Enumerable.Range(1, 1500).Select(i => Result("one", i, "x", i)));

        Assert.Contains("\n500 more are not listed here.\n", text);
        Assert.InRange(text.Length, 1, 1 << 20);
    }

    [Fact]
    public void Changes_of_the_api_are_folded_by_their_cause()
    {
        var markdown = Write(ReportFormat.Markdown, Api());
        Assert.StartsWith("# A title\n\n**Breaks clients.** ", markdown, StringComparison.Ordinal);
        Assert.Contains("""
            ### Role `user`: 2 breaking, 0 dangerous, 1 safe

            | Class | What | Cause |
            | --- | --- | --- |
            | **Breaking** | post.slug changed, and 1 more with it. | the column 'public.post.slug' was dropped<br>`migrations/9_drop/up.sql:3` |

            ### Role `admin`: 0 breaking, 1 dangerous, 0 safe
            """.ReplaceLineEndings("\n"), markdown, StringComparison.Ordinal);

        using var sarif = JsonDocument.Parse(Write(ReportFormat.Sarif, Api()));
        var run = sarif.RootElement.GetProperty("runs")[0];
        var results = run.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["ApiFieldRemoved error", "ApiInputFieldRemoved error", "ApiFieldAdded note", "ApiOptionalArgumentAdded warning"], results.Select(r => $"{r.GetProperty("ruleId")} {r.GetProperty("level")}"));
        Assert.Equal("migrations/9_drop/up.sql", results[0].GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal("admin/query_root.post(a)", results[3].GetProperty("locations")[0].GetProperty("logicalLocations")[0].GetProperty("fullyQualifiedName").GetString());
        Assert.All(run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray(), r => Assert.EndsWith(".", r.GetProperty("shortDescription").GetProperty("text").GetString()));

        var html = Parse(Write(ReportFormat.Html, Api()));
        Assert.Equal(["Role user 2 breaking, 0 dangerous, 1 safe", "Role admin 0 breaking, 1 dangerous, 0 safe"], html.Descendants("h3").Select(h => h.Value));
        Assert.Equal("4", Value(XDocument.Parse(Write(ReportFormat.JUnit, Api())).Root!, "tests"));
        Assert.Equal(
            ["API of the role 'user': 2 breaking changes. post.slug changed, and 1 more with it.", "API of the role 'admin': 1 dangerous change. query_root.post(a) changed."],
            ApiSummary.Lines(Api()));
    }

    [Fact]
    public void Every_criterion_is_a_rule_with_a_text() =>
        Assert.All(Enum.GetValues<ApiCriterion>(), c => Assert.NotNull(ApiRules.TextOf($"Api{c}")));

    private static IEnumerable<object> Everything() =>
    [
        Summary(),
        new PlannedMigrationInfo { Database = "two", Version = 9, Name = "later", Direction = MigrationDirection.Up, Steps = [], StatementCount = 1, IsTransactional = true, IsRecordOnly = false, IsOutOfOrder = false, ResumeAfter = 0, Findings = [] },
        new HasuraMigrationException("DatabaseUnreachable", "It is down."),
        new Finding { Id = "OutOfOrder", Severity = FindingSeverity.Warning, Message = "It is old.", File = Path.GetFullPath("/srv/other/a b.sql"), Line = 4 },
        new Finding { Id = "MigrationChanged", Severity = FindingSeverity.Error, Message = "It changed.", Database = "one", Version = 1 },
        new MetadataImportResult { Target = "db", Changed = true, Changes = [Change("a"), Change("b")], IsConsistent = false, Inconsistencies = [new MetadataInconsistency("table", "table t", "no such table", null, "{}")] },
    ];

    private static MigrationRunSummary Summary() => new()
    {
        Duration = TimeSpan.FromSeconds(2),
        Databases =
        [
            new DatabaseRunSummary { Database = "one", Results = [Result("one", 1, "a", 250), Result("one", 2, "b", 500)], Pending = 3, Duration = TimeSpan.FromSeconds(1), Failure = Failed("It failed.", "bad") },
            new DatabaseRunSummary { Database = "two", Results = [Result("two", 1, "c", 1000)], Pending = 4, Duration = TimeSpan.FromSeconds(1) },
        ],
    };

    private static object[] Hostile(string text) =>
    [
        Result(text, 1, text, 5),
        Failed(text, text),
        new Finding { Id = text, Severity = FindingSeverity.Error, Message = text, Database = text, File = $"{Root}/{text}", Line = 1, RecommendedAction = text },
        new HasuraMigration { Database = text, Version = 5, Name = text, Status = MigrationState.Pending, Steps = [], ChecksumState = MigrationChecksumState.None, IsOutOfOrder = false, IsMissing = false, HasStoredText = false, Path = text, Findings = [] },
        new MigrationLogEntry { Database = text, Id = 1, Version = 6, Name = text, Direction = MigrationDirection.Up, Outcome = text, LoggedAt = Now, Error = text, SqlState = text, AttemptId = Guid.Empty },
        new MetadataImportResult { Target = text, Changed = true, Changes = [Change(text)], EffectsNotDone = [text], Inconsistencies = [new MetadataInconsistency(text, text, text, text, text)] },
        new HasuraApiChange { Role = text, Path = text, Class = ApiChangeClass.Breaking, Criterion = ApiCriterion.FieldRemoved, Side = ApiChangeSide.Output, Message = text, Cause = text, File = $"{Root}/{text}", Line = 2 },
    ];

    private static HasuraApiChange[] Api() =>
    [
        Api("user", "post.slug", ApiChangeClass.Breaking, ApiCriterion.FieldRemoved),
        Api("user", "post_bool_exp.slug", ApiChangeClass.Breaking, ApiCriterion.InputFieldRemoved),
        Api("user", "post.added", ApiChangeClass.Safe, ApiCriterion.FieldAdded),
        Api("admin", "query_root.post(a)", ApiChangeClass.Dangerous, ApiCriterion.OptionalArgumentAdded) with { Cause = null, StatementFile = null, StatementLine = null },
    ];

    private static HasuraApiChange Api(string role, string path, ApiChangeClass level, ApiCriterion criterion) => new()
    {
        Role = role,
        Path = path,
        Class = level,
        Criterion = criterion,
        Side = criterion == ApiCriterion.FieldRemoved ? ApiChangeSide.Output : ApiChangeSide.Input,
        Message = $"{path} changed.",
        Cause = "the column 'public.post.slug' was dropped",
        StatementFile = Path.Combine(Root, "migrations", "9_drop", "up.sql"),
        StatementLine = 3,
        Version = 9,
    };

    private static MigrationResult Result(string database, long version, string name, int milliseconds) => new()
    {
        Database = database,
        Version = version,
        Name = name,
        Direction = MigrationDirection.Up,
        Outcome = MigrationOutcome.Applied,
        Duration = TimeSpan.FromMilliseconds(milliseconds),
        IsOutOfOrder = false,
        Findings = [],
    };

    private static MigrationFailedException Failed(string message, string name) => new("MigrationFailed", message)
    {
        Database = "one",
        Version = 3,
        Name = name,
        Direction = MigrationDirection.Up,
        SourceLine = name == "bad" ? "SELECT 1/0;" : name,
        Detail = name == "bad" ? "d" : name,
        Hint = name == "bad" ? "h" : name,
        RecommendedAction = "Do this.",
        File = Path.Combine(Root, "migrations", $"3_{name}", "up.sql"),
        Line = 2,
        Column = 5,
    };

    private static MetadataChange Change(string text) => new()
    {
        Change = MetadataChangeKind.Changed,
        Kind = MetadataObjectKind.Table,
        Source = "default",
        Parent = text,
        Name = text,
        Description = text,
        Fields = [new MetadataFieldChange(text, text, text)],
        File = Path.Combine(Root, "metadata", "tables.yaml"),
        Line = 8,
    };

    private static string Write(ReportFormat format, IEnumerable<object> objects)
    {
        var builder = new ReportBuilder(Root);
        Assert.All(objects, o => Assert.True(builder.Add(o)));
        return builder.Write(format, "A title", Now, "1.2.3");
    }

    // The page is written by a writer of XML, so it can be read as XML.
    private static XElement Parse(string html)
    {
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader).Root!;
    }

    private static string Value(XElement element, string attribute) => element.Attribute(attribute)?.Value ?? "";
}
