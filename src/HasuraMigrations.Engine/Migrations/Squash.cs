namespace HasuraMigrations.Engine.Migrations;

/// <summary>A file that replaces older applied versions whose files are gone, as a squash leaves it.</summary>
/// <param name="Version">The version of the file. Newer CLIs keep the highest version of the range, older ones give a new one.</param>
/// <param name="Replaced">The versions whose files are gone, ascending.</param>
public sealed record Squash(long Version, IReadOnlyList<long> Replaced)
{
    /// <summary>What was found, in a sentence.</summary>
    internal string Message => $"The file of version {Version} contains the up steps of {string.Join(", ", Replaced)}, whose files no longer exist: the migrations were squashed.";

    /// <summary>The command that settles it.</summary>
    internal string Action => $"Run Repair-HasuraMigration -Version {Version} -As Squashed. This removes the records of the replaced versions and records {Version} as applied; no SQL runs.";

    /// <summary>True for versions that no plan may touch before it is settled.</summary>
    internal bool Concerns(long version) => version == Version || Replaced.Contains(version);

    /// <summary>True where applied versions have no files, so that a search is of use.</summary>
    internal static bool IsPossible(MigrationSource source, IEnumerable<long> applied) => applied.Any(v => source.Find(v) is null);

    /// <summary>
    /// Finds squashes: the text of a file holds the stored up texts of the applied versions right below it, in order. White
    /// space and semicolons do not count, since a squash sets pieces beside each other as they are.
    /// </summary>
    /// <param name="source">The files.</param>
    /// <param name="applied">Versions recorded as applied.</param>
    /// <param name="stored">Texts kept in the history.</param>
    internal static IReadOnlyList<Squash> Find(MigrationSource source, IEnumerable<long> applied, IReadOnlyDictionary<long, SourceMigration> stored)
    {
        var gone = applied.Where(v => source.Find(v) is null).Order().ToList();
        var found = new List<Squash>();
        long below = 0;
        foreach (var migration in source.Migrations)
        {
            // A squash replaces neighbouring versions, so it cannot contain versions below the previous file.
            var range = gone.Where(v => v > below && v < migration.Version).ToList();
            below = migration.Version;
            // Without the stored text (-NoStoreText), nothing proves that the file contains a version.
            if (range.Count > 0 && range.TrueForAll(stored.ContainsKey) && Holds(TextOf(migration), range.Select(v => TextOf(stored[v]))))
            {
                found.Add(new Squash(migration.Version, range));
            }
        }

        return found;
    }

    private static bool Holds(string text, IEnumerable<string> pieces)
    {
        var at = 0;
        foreach (var piece in pieces)
        {
            var found = text.IndexOf(piece, at, StringComparison.Ordinal);
            // An empty text is part of every file, so it proves nothing.
            if (piece.Length == 0 || found < 0)
            {
                return false;
            }

            at = found + piece.Length;
        }

        return true;
    }

    private static string TextOf(SourceMigration migration) =>
        string.Concat(migration.StepsOf(MigrationDirection.Up).Where(s => s.Kind == MigrationStepKind.UpSql).SelectMany(s => s.Text.Text).Where(c => !char.IsWhiteSpace(c) && c != ';'));
}
