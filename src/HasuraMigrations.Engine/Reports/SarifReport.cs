using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace HasuraMigrations.Engine.Reports;

/// <summary>
/// Writes SARIF 2.1.0: errors, findings, and differences of metadata and of GraphQL schemas as results. Migrations that ran well are no results. Paths are
/// relative to the base <c>SRCROOT</c>, which stands for the root of the repository.
/// </summary>
internal static class SarifReport
{
    private const string Root = "SRCROOT";
    private const string Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

    // Letters of all languages stay as they are; < and & do not.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    internal static string Write(Report report)
    {
        var results = Results(report).ToList();
        var rules = results.Select(r => r.Problem.Id).Distinct(StringComparer.Ordinal).ToList();
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", Schema);
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            WriteTool(json, report, rules);
            json.WriteStartArray("invocations");
            json.WriteStartObject();
            json.WriteBoolean("executionSuccessful", report.Failures.Count == 0);
            json.WriteString("endTimeUtc", report.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteStartObject("originalUriBaseIds");
            json.WriteStartObject(Root);
            WriteText(json, "description", "The root of the repository.");
            json.WriteEndObject();
            json.WriteEndObject();
            // Columns of findings count characters.
            json.WriteString("columnKind", "unicodeCodePoints");
            json.WriteStartArray("results");
            foreach (var (problem, level) in results)
            {
                WriteResult(json, problem, level, rules.IndexOf(problem.Id));
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray()).ReplaceLineEndings("\n") + "\n";
    }

    private static IEnumerable<(ReportProblem Problem, string Level)> Results(Report report) =>
    [
        .. report.Failures.Select(f => (f, "error")),
        .. report.Findings.Select(f => (f, LevelOf(f.Severity))),
        .. report.Changes.Select(c => (new ReportProblem(FindingSeverity.Information, $"Metadata{c.Change}", c.Description) { Place = c.Place }, "note")),
        .. report.Api.Select(c => (new ReportProblem(c.Severity, c.Rule, $"Role {c.Role}: {c.Message}") { Place = c.Place, Subject = $"{c.Role}/{c.Path}", Lines = c.Cause.Length == 0 ? [] : [$"Cause: {c.Cause}"] }, LevelOf(c.Severity))),
    ];

    private static string LevelOf(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Error => "error",
        FindingSeverity.Warning => "warning",
        _ => "note",
    };

    private static void WriteTool(Utf8JsonWriter json, Report report, List<string> rules)
    {
        var known = ErrorCatalog.All.ToDictionary(d => d.Id, StringComparer.Ordinal);
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "HasuraMigrations");
        json.WriteString("version", report.ToolVersion);
        json.WriteStartArray("rules");
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            json.WriteString("id", rule);
            if (known.TryGetValue(rule, out var definition))
            {
                WriteText(json, "shortDescription", definition.Meaning);
                WriteText(json, "help", definition.RecommendedAction);
            }
            else if (ApiRules.TextOf(rule) is { } text)
            {
                WriteText(json, "shortDescription", text);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, ReportProblem problem, string level, int rule)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", problem.Id);
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("level", level);
        IEnumerable<string> lines = [problem.Action.Length == 0 ? problem.Message : $"{problem.Message} {problem.Action}", .. problem.Lines];
        WriteText(json, "message", string.Join('\n', lines));
        json.WriteStartArray("locations");
        if (problem.Place is not null || problem.Subject.Length > 0)
        {
            json.WriteStartObject();
            WritePlace(json, problem.Place);
            WriteSubject(json, problem.Subject);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter json, ReportPlace? place)
    {
        if (place is null)
        {
            return;
        }

        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", UriOf(place));
        if (place.IsRelative)
        {
            json.WriteString("uriBaseId", Root);
        }

        json.WriteEndObject();
        if (place.Line is { } line)
        {
            json.WriteStartObject("region");
            json.WriteNumber("startLine", line);
            if (place.Column is { } column)
            {
                json.WriteNumber("startColumn", column);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    // The database and the migration, for what is in no file.
    private static void WriteSubject(Utf8JsonWriter json, string subject)
    {
        if (subject.Length == 0)
        {
            return;
        }

        json.WriteStartArray("logicalLocations");
        json.WriteStartObject();
        json.WriteString("fullyQualifiedName", subject);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string UriOf(ReportPlace place) => place.IsRelative
        ? string.Join('/', place.Path.Split('/').Select(Uri.EscapeDataString))
        : Path.IsPathFullyQualified(place.Path) ? "file://" + string.Join('/', $"/{place.Path.Replace('\\', '/').TrimStart('/')}".Split('/').Select(Uri.EscapeDataString)) : Uri.EscapeDataString(place.Path);

    private static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }
}
