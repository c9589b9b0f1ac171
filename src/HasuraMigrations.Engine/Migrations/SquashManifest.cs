using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>A migration that was squashed into another one.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Name">Its name.</param>
/// <param name="Checksums">Checksums of its up steps by file name; empty where it had none.</param>
public sealed record SquashedVersion(long Version, string Name, IReadOnlyDictionary<string, string> Checksums)
{
    /// <summary>Describes a migration.</summary>
    public static SquashedVersion Of(SourceMigration migration) => new(
        migration.Version,
        migration.Name,
        migration.StepsOf(MigrationDirection.Up).ToDictionary(s => SourceStep.FileName(s.Kind), s => s.Checksum));

    /// <summary>True where a record may be that of this migration: the checksums that it has are the same.</summary>
    internal bool Fits(HistoryRow row) => row.Checksums.All(c => !Checksums.TryGetValue(c.Key, out var own) || own == c.Value);
}

/// <summary>
/// The head of the up steps of a squashed migration: comments that list the migrations it was made of. A database whose records
/// have those is told by it from one that has to run the migration, without a text kept in the history.
/// </summary>
/// <param name="Versions">The migrations, ascending.</param>
public sealed partial record SquashManifest(IReadOnlyList<SquashedVersion> Versions)
{
    private const string Title = " squashed by Merge-HasuraMigration from";

    /// <summary>The lowest version.</summary>
    public long First => Versions[0].Version;

    /// <summary>The highest version.</summary>
    public long Last => Versions[^1].Version;

    /// <summary>The lines, for SQL or YAML.</summary>
    /// <param name="isYaml">True for comments of YAML.</param>
    public string Text(bool isYaml)
    {
        var mark = isYaml ? "#" : "--";
        var text = new StringBuilder().Append(mark).Append(Title).Append('\n');
        foreach (var version in Versions)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{mark}   {version.Version}_{version.Name}");
            foreach (var line in version.Checksums.Select(c => $"{name}/{c.Key} {c.Value}").DefaultIfEmpty(name))
            {
                text.Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>Reads the head of a migration; null where it is none that was squashed so.</summary>
    /// <exception cref="HasuraMigrationException">Errors as of <see cref="StepText.Read"/>.</exception>
    public static SquashManifest? Read(SourceMigration migration)
    {
        foreach (var step in migration.StepsOf(MigrationDirection.Up))
        {
            if (Read(Lines(step.Text.Content)) is { Count: > 0 } versions)
            {
                return new SquashManifest([.. versions.OrderBy(v => v.Version)]);
            }
        }

        return null;
    }

    private static List<SquashedVersion> Read(IEnumerable<string> lines)
    {
        var found = new List<SquashedVersion>();
        using var line = lines.GetEnumerator();
        if (!line.MoveNext() || line.Current.TrimStart('-', '#') != Title)
        {
            return found;
        }

        while (line.MoveNext() && Entry().Match(line.Current) is { Success: true } entry && long.TryParse(entry.Groups["version"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            var checksum = entry.Groups["checksum"] is { Success: true } sum ? new Dictionary<string, string> { [entry.Groups["file"].Value] = sum.Value } : [];
            if (found is [.., { } last] && last.Version == version)
            {
                found[^1] = last with { Checksums = last.Checksums.Concat(checksum).ToDictionary() };
            }
            else
            {
                found.Add(new SquashedVersion(version, entry.Groups["name"].Value, checksum));
            }
        }

        return found;
    }

    // A checkout on Windows has other line ends. Of a long text, parts are read as far as they are needed.
    private static IEnumerable<string> Lines(SqlText content)
    {
        var begun = "";
        foreach (var part in content.Parts())
        {
            var lines = (begun + part).Split('\n');
            foreach (var line in lines[..^1])
            {
                yield return line.TrimEnd('\r');
            }

            begun = lines[^1];
        }

        yield return begun;
    }

    [GeneratedRegex(@"^(?:--|#)   (?<version>\d+)_(?:(?<name>.*)/(?<file>up\.sql|up\.yaml) (?<checksum>[0-9a-f]{64})|(?<name>.*))$", RegexOptions.CultureInvariant)]
    private static partial Regex Entry();
}
