using System.ComponentModel;
using System.Globalization;

namespace HasuraMigrations.Formatting;

/// <summary>Makes the cells of the module's views.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class _Format
{
    /// <summary>A time span as a person reads it.</summary>
    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => "",
        { TotalMilliseconds: < 1 } => "<1 ms",
        { TotalSeconds: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalSeconds:0.00} s"),
        { } d => d.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture),
    };

    /// <summary>A moment in local time, to the second.</summary>
    public static string Moment(DateTimeOffset? moment) =>
        moment?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    /// <summary>Where a migration stands, and what is to be noted about it.</summary>
    public static string Notes(HasuraMigration migration)
    {
        ArgumentNullException.ThrowIfNull(migration);
        var notes = new List<string>();
        AddIf(notes, migration.IsMissing, "no files");
        AddIf(notes, migration.IsOutOfOrder, "out of order");
        AddIf(notes, migration.Origin == MigrationOrigin.Hasura, "by Hasura");
        AddIf(notes, migration.Origin == MigrationOrigin.Baseline, "recorded only");
        notes.AddRange(migration.Findings.Where(f => f.Id is not ("MigrationFileMissing" or "MigrationChanged")).Select(f => f.Id).Distinct());
        return string.Join(", ", notes);
    }

    /// <summary>How files compare to what was applied; empty where there is nothing to compare.</summary>
    public static string Checksum(HasuraMigration migration)
    {
        ArgumentNullException.ThrowIfNull(migration);
        return migration.ChecksumState == MigrationChecksumState.None ? "" : migration.ChecksumState.ToString();
    }

    /// <summary>What is to be noted about a line of a plan.</summary>
    public static string Notes(PlannedMigrationInfo planned)
    {
        ArgumentNullException.ThrowIfNull(planned);
        var notes = new List<string>();
        AddIf(notes, planned.IsRecordOnly, "record only");
        AddIf(notes, !planned.IsTransactional, "no transaction");
        AddIf(notes, planned.ResumeAfter > 0, $"resumes after statement {planned.ResumeAfter}");
        AddIf(notes, planned.IsOutOfOrder, "out of order");
        notes.AddRange(planned.Findings.Where(f => f.Id != "OutOfOrder").Select(f => f.Id).Distinct());
        return string.Join(", ", notes);
    }

    /// <summary>What is to be noted about an import of metadata.</summary>
    public static string Notes(MetadataImportResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var notes = new List<string>();
        AddIf(notes, result.EffectsNotDone.Count > 0, $"{result.EffectsNotDone.Count} side effects not done");
        notes.AddRange(result.Findings.Select(f => f.Id).Distinct());
        return string.Join(", ", notes);
    }

    /// <summary>What is to be noted about a result.</summary>
    public static string Notes(MigrationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var notes = new List<string>();
        AddIf(notes, result.IsOutOfOrder, "out of order");
        AddIf(notes, result.IsResolved, "commit proved after a lost connection");
        notes.AddRange(result.Findings.Where(f => f.Id != "OutOfOrder").Select(f => f.Id).Distinct());
        return string.Join(", ", notes);
    }

    /// <summary>Place, message and id of a finding on one line.</summary>
    public static string FindingText(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        var database = finding.Database is null ? "" : $" on database '{finding.Database}'";
        var place = Place(finding);
        return $"{finding.Id}{database}: {(place.Length == 0 ? "" : $"{place}: ")}{finding.Message}";
    }

    /// <summary>Where a finding belongs, in short: the file's name and line, else database and version.</summary>
    public static string Where(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return finding.File is not null
            ? $"{System.IO.Path.GetFileName(finding.File)}{(finding.Line is null ? "" : $":{finding.Line}")}"
            : string.Join('/', new[] { finding.Database, finding.Version?.ToString(CultureInfo.InvariantCulture) }.Where(p => p is not null));
    }

    /// <summary>File, line and column of a finding.</summary>
    public static string Place(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return finding.File is null ? "" : $"{finding.File}{(finding.Line is null ? "" : $":{finding.Line}")}{(finding.Column is null ? "" : $":{finding.Column}")}";
    }

    private static void AddIf(List<string> notes, bool condition, string note)
    {
        if (condition)
        {
            notes.Add(note);
        }
    }
}
