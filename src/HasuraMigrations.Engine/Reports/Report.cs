using System.Globalization;
using System.Text;

namespace HasuraMigrations.Engine.Reports;

/// <summary>The content of a report, whatever its format.</summary>
internal sealed class Report
{
    /// <summary>The heading.</summary>
    internal required string Title { get; init; }

    /// <summary>When it was made.</summary>
    internal required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Version of the module.</summary>
    internal required string ToolVersion { get; init; }

    /// <summary>The migrations, in the order of the input.</summary>
    internal required IReadOnlyList<ReportMigration> Migrations { get; init; }

    /// <summary>Errors that stopped a command, those of migrations included.</summary>
    internal required IReadOnlyList<ReportProblem> Failures { get; init; }

    /// <summary>Findings, each once.</summary>
    internal required IReadOnlyList<ReportProblem> Findings { get; init; }

    /// <summary>Differences of metadata.</summary>
    internal required IReadOnlyList<ReportChange> Changes { get; init; }

    /// <summary>Imports of metadata.</summary>
    internal required IReadOnlyList<ReportImport> Imports { get; init; }

    /// <summary>Differences of GraphQL schemas.</summary>
    internal required IReadOnlyList<ReportApiChange> Api { get; init; }

    /// <summary>Number of migrations that remain to be applied; null where the input does not tell.</summary>
    internal int? Pending { get; init; }

    /// <summary>True where something failed or a finding is an error.</summary>
    internal bool HasFailed => Failures.Count > 0 || Findings.Any(f => f.Severity == FindingSeverity.Error) || Migrations.Any(m => m.Mark == ReportMark.Failed);

    /// <summary>What became of it, in a word or two. A difference is no failure unless somebody makes it one.</summary>
    internal string Verdict => HasFailed ? "Failed" : Api.Any(c => c.Class == ApiChangeClass.Breaking) ? "Breaks clients" : "Succeeded";

    /// <summary>How that stands.</summary>
    internal ReportMark VerdictMark => Verdict == "Succeeded" ? ReportMark.Done : ReportMark.Failed;

    /// <summary>True where there is nothing to show.</summary>
    internal bool IsEmpty => Migrations.Count + Failures.Count + Findings.Count + Changes.Count + Imports.Count + Api.Count == 0;

    /// <summary>Time of all migrations that have one.</summary>
    internal TimeSpan Duration => Migrations.Aggregate(TimeSpan.Zero, (sum, m) => sum + (m.Duration ?? TimeSpan.Zero));

    /// <summary>The migrations of each database, in the order of the input.</summary>
    internal IEnumerable<IGrouping<string, ReportMigration>> Databases => Migrations.GroupBy(m => m.Database, StringComparer.Ordinal);

    /// <summary>The numbers that a reader wants first, each with a label.</summary>
    internal IReadOnlyList<(string Label, string Value, ReportMark Mark)> Numbers()
    {
        var numbers = Migrations.GroupBy(m => (m.Status, m.Mark)).Select(g => (g.Key.Status, Number(g.Count()), g.Key.Mark)).ToList();
        var ofMigrations = Migrations.Select(m => m.Failure).OfType<ReportProblem>().ToHashSet<object>(ReferenceEqualityComparer.Instance);
        // What is pending is a number of migrations that the report lists, or one that it was given.
        if (Pending is { } pending && !numbers.Exists(n => n.Status == "Pending"))
        {
            numbers.Add(("Pending", Number(pending), pending == 0 ? ReportMark.Done : ReportMark.Waiting));
        }

        Show("Errors", Failures.Count(f => !ofMigrations.Contains(f)) + Findings.Count(f => f.Severity == FindingSeverity.Error), ReportMark.Failed);
        Show("Warnings", Findings.Count(f => f.Severity == FindingSeverity.Warning), ReportMark.Attention);
        Show("Metadata changes", Changes.Count, ReportMark.Done);
        foreach (var level in new[] { ApiChangeClass.Breaking, ApiChangeClass.Dangerous, ApiChangeClass.Safe })
        {
            Show($"{level} API changes", Api.Count(c => c.Class == level), ReportApiChange.MarkOf(level));
        }

        if (Duration > TimeSpan.Zero)
        {
            numbers.Add(("Duration", DurationText.Of(Duration), ReportMark.Done));
        }

        return numbers;

        void Show(string label, int count, ReportMark mark)
        {
            if (count > 0)
            {
                numbers.Add((label, Number(count), mark));
            }
        }
    }

    /// <summary>The report as text.</summary>
    /// <param name="format">The format.</param>
    internal string Write(ReportFormat format) => format switch
    {
        ReportFormat.JUnit => JUnitReport.Write(this),
        ReportFormat.Sarif => SarifReport.Write(this),
        ReportFormat.Markdown => MarkdownReport.Write(this),
        ReportFormat.Html => HtmlReport.Write(this),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    /// <summary>A number with spaces between groups of three digits, which no language takes for a fraction.</summary>
    internal static string Number(int number) => number.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u00A0');

    /// <summary>A moment in UTC.</summary>
    internal static string Moment(DateTimeOffset moment) => moment.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Writes to text that is declared as UTF-8.</summary>
    internal sealed class Utf8Text : StringWriter
    {
        internal Utf8Text()
            : base(CultureInfo.InvariantCulture) => NewLine = "\n";

        public override Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
    }
}
