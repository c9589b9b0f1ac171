using System.Globalization;

namespace HasuraMigrations.Engine.Releases;

/// <summary>What a failed release did and cannot undo, in sentences with what to do about it.</summary>
internal static class ReleaseLeftovers
{
    private const int MostNames = 10;

    /// <summary>Of the migrations of a database.</summary>
    internal static IEnumerable<string> Of(DatabaseRunSummary summary)
    {
        var versions = summary.Results.Where(r => !r.IsRepeatable && r.Outcome == MigrationOutcome.Applied).ToList();
        if (versions.Count > 0)
        {
            var names = Names(versions.Select(v => $"{v.Version}_{v.Name}"));
            yield return $"{Count(versions.Count, "migration", "remains", "remain")} applied on database '{summary.Database}': {names}. Undo-HasuraMigration -Database '{Quoted(summary.Database)}' -Version {string.Join(',', versions.Select(v => v.Version.ToString(CultureInfo.InvariantCulture)))} rolls {(versions.Count == 1 ? "it" : "them")} back.";
        }

        var files = summary.Results.Where(r => r is { IsRepeatable: true, Outcome: MigrationOutcome.Applied }).Select(r => r.Name ?? "").ToList();
        if (files.Count > 0)
        {
            yield return $"{Count(files.Count, "repeatable file", "remains", "remain")} in effect on database '{summary.Database}': {Names(files)}.";
        }
    }

    /// <summary>Of seed files.</summary>
    internal static IEnumerable<string> Of(IEnumerable<SeedResult> seeds) =>
        seeds.Where(s => s.Outcome == SeedOutcome.Applied).GroupBy(s => s.Database).Select(g => $"The rows of {Count(g.Count(), "seed file", "remain", "remain")} on database '{g.Key}': {Names(g.Select(s => s.Path))}.");

    /// <summary>
    /// Of metadata that was written and put back: a server deletes or archives events of what is removed (docs of Hasura's API: event
    /// triggers, cron triggers), and putting back the object brings no event back.
    /// </summary>
    internal static IEnumerable<string> Of(IEnumerable<MetadataChange> changes)
    {
        foreach (var change in changes.Where(c => c.Change != MetadataChangeKind.Added))
        {
            switch (change.Kind)
            {
                case MetadataObjectKind.EventTrigger when change.Change == MetadataChangeKind.Removed:
                    yield return $"The event trigger '{change.Name}' was removed and created again: its events from before are archived, and are not delivered.";
                    break;
                case MetadataObjectKind.CronTrigger:
                    yield return $"The coming events of the cron trigger '{change.Name}' were deleted, and are generated anew.";
                    break;
                case MetadataObjectKind.Source when change.Change == MetadataChangeKind.Removed:
                    yield return $"The source '{change.Name}' was removed and added again: the tables of its event log were dropped, with all events.";
                    break;
                default:
                    break;
            }
        }
    }

    // A name comes from metadata or from a directory, and the command is there to be copied: a quote must not end its text.
    private static string Quoted(string name) => name.Replace("'", "''", StringComparison.Ordinal);

    private static string Names(IEnumerable<string> names)
    {
        var all = names.ToList();
        return string.Join(", ", all.Take(MostNames)) + (all.Count > MostNames ? $" and {all.Count - MostNames} more" : "");
    }

    private static string Count(int count, string noun, string one, string many) => count == 1 ? $"1 {noun} {one}" : $"{count} {noun}s {many}";
}
