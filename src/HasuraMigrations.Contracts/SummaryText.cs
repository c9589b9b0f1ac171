using System.Globalization;

namespace HasuraMigrations;

/// <summary>Writes the summary of a run as a person reads it.</summary>
internal static class SummaryText
{
    internal static string Of(DatabaseRunSummary summary)
    {
        var where = summary.Target is null ? $"database '{summary.Database}'" : $"database '{summary.Database}' on {summary.Target}";
        return Printable.Of($"{Outcomes(summary.Succeeded, summary.Applied, summary.RolledBack, summary.Recorded, summary.Forgotten)}: {where}{Time(summary.Duration)}, {Pending(summary.Pending)}.");
    }

    internal static string Of(MigrationRunSummary summary)
    {
        var count = summary.Databases.Count + summary.NotStarted.Count;
        var where = count == 1 ? "1 database" : $"{count} databases";
        var notes = string.Join(", ", new[] { (summary.FailedDatabases, "failed"), (summary.NotStarted.Count, "not started") }.Where(n => n.Item1 > 0).Select(n => $"{n.Item1} {n.Item2}"));
        var failed = notes.Length == 0 ? "" : $" ({notes})";
        return $"{Outcomes(summary.Succeeded, summary.Applied, summary.RolledBack, summary.Recorded, summary.Forgotten)}: {where}{failed}{Time(summary.Duration)}, {Pending(summary.Pending)}.";
    }

    internal static string Of(ReleaseResult release)
    {
        var metadata = release is { Metadata.Changed: true, MetadataRestored: null }
            ? $"{Count(release.Metadata.Changes.Count, "metadata change")}{(release.Metadata.IsConsistent == false ? $" ({Count(release.Metadata.Inconsistencies.Count, "inconsistent object")})" : "")}"
            : null;
        var seeds = release.Seeds.Count(s => s.Outcome == SeedOutcome.Applied);
        var files = release.Databases.Sum(d => d.Results.Count(r => r.IsRepeatable));
        var parts = new[]
        {
            release.Applied - files > 0 ? Count(release.Applied - files, "migration") : null,
            files > 0 ? Count(files, "repeatable file") : null,
            metadata,
            seeds > 0 ? Count(seeds, "seed file") : null,
        }.OfType<string>().ToList();
        var done = (release.FailedStep, parts.Count) switch
        {
            (null, 0) => "Nothing left to publish",
            (null, _) => $"Published {string.Join(", ", parts)}",
            ({ } step, 0) => $"Failed in the step {step}, nothing published",
            ({ } step, _) => $"Failed in the step {step} after: {string.Join(", ", parts)}",
        };
        var restored = release.MetadataRestored switch
        {
            true => "; the metadata is again what it was",
            false => "; the metadata is not what it was",
            null => "",
        };
        var failed = release.Databases.Count(d => !d.Succeeded);
        var databases = release.Databases.Count + release.NotStarted.Count;
        var where = databases == 0 ? "" : $", {Count(databases, "database")}{(failed > 0 && databases > 1 ? $" ({failed} failed)" : "")}";
        return $"{done}{restored}{where}{Time(release.Duration)}{(databases == 0 ? "" : $", {Pending(release.Pending)}")}.";
    }

    private static string Count(int count, string noun) => $"{count.ToString(CultureInfo.InvariantCulture)} {noun}{(count == 1 ? "" : "s")}";

    private static string Outcomes(bool succeeded, int applied, int rolledBack, int recorded, int forgotten)
    {
        var parts = new[] { ("Applied", applied), ("Rolled back", rolledBack), ("Recorded", recorded), ("Removed the record of", forgotten) }
            .Where(p => p.Item2 > 0)
            .Select(p => $"{p.Item1} {p.Item2.ToString(CultureInfo.InvariantCulture)} migration{(p.Item2 == 1 ? "" : "s")}")
            .ToList();
        return (succeeded, parts.Count) switch
        {
            (true, 0) => "Nothing left to do",
            (true, _) => string.Join(", ", parts),
            (false, 0) => "Failed, no migration completed",
            _ => $"Failed after: {string.Join(", ", parts)}",
        };
    }

    // A run that did not begin has no duration: the time for connecting and planning is not part of it.
    private static string Time(TimeSpan duration) => duration == TimeSpan.Zero ? "" : $", {DurationText.Of(duration)}";

    private static string Pending(int? pending) => pending switch
    {
        null => "pending migrations unknown",
        var n => $"{n.Value.ToString(CultureInfo.InvariantCulture)} pending",
    };
}
