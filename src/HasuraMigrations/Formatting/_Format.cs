using System.ComponentModel;
using System.Globalization;

namespace HasuraMigrations.Formatting;

/// <summary>Makes the cells of the module's views.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class _Format
{
    /// <summary>A time span as a person reads it.</summary>
    public static string Duration(TimeSpan? duration) => DurationText.Of(duration);

    /// <summary>A moment in local time, to the second.</summary>
    public static string Moment(DateTimeOffset? moment) =>
        moment?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A text, made printable on one line.</summary>
    public static string Text(object? value) => Printable.Of(value?.ToString());

    /// <summary>A name with its notes in parentheses.</summary>
    public static string NameAndNotes(string? name, string? notes) => Printable.Of(string.IsNullOrEmpty(notes) ? name : $"{name} ({notes})");

    /// <summary>What became of an entry of the log, with its name, duration and error.</summary>
    public static string Outcome(MigrationLogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var duration = entry.Duration is null ? "" : $" in {Duration(entry.Duration)}";
        var error = entry.Error is null ? "" : $": {(entry.SqlState is null ? "" : $"{entry.SqlState}: ")}{entry.Error}";
        return Printable.Of($"{entry.Outcome} {entry.Name}{duration}{error}");
    }

    /// <summary>A finding with the place where it belongs, and what to do about it.</summary>
    public static string PlacedMessage(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        var where = Where(finding);
        return $"{(where.Length == 0 ? "" : $"{where}: ")}{finding.Message}{(finding.RecommendedAction is null ? "" : $" {finding.RecommendedAction}")}";
    }

    /// <summary>How files compare to what was applied; empty where there is nothing to compare.</summary>
    public static string Checksum(HasuraMigration migration)
    {
        ArgumentNullException.ThrowIfNull(migration);
        return migration.ChecksumState == MigrationChecksumState.None ? "" : migration.ChecksumState.ToString();
    }

    /// <summary>Place, message and id of a finding on one line.</summary>
    public static string FindingText(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        var database = finding.Database is null ? "" : $" on database '{Printable.Of(finding.Database)}'";
        var place = Place(finding);
        return $"{finding.Id}{database}: {(place.Length == 0 ? "" : $"{place}: ")}{finding.Message}{(finding.RecommendedAction is null ? "" : $" {finding.RecommendedAction}")}";
    }

    /// <summary>Where a finding belongs, in short: the file with its directory and the line, else database and version.</summary>
    public static string Where(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return Printable.Of(finding.File is not null
            ? Where(finding.File, finding.Line)
            : string.Join('/', new[] { finding.Database, finding.Version?.ToString(CultureInfo.InvariantCulture) }.Where(p => p is not null)));
    }

    /// <summary>A file with its directory, and the line.</summary>
    internal static string Where(string file, int? line) => $"{Short(file)}{(line is null ? "" : $":{line}")}";

    // Text from the pipeline has a name without a directory.
    private static string Short(string file) =>
        System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(file)) is { Length: > 0 } directory ? $"{directory}/{System.IO.Path.GetFileName(file)}" : System.IO.Path.GetFileName(file);

    /// <summary>File, line and column of a finding.</summary>
    public static string Place(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return Printable.Of(finding.File is null ? "" : $"{finding.File}{(finding.Line is null ? "" : $":{finding.Line}")}{(finding.Column is null ? "" : $":{finding.Column}")}");
    }
}
