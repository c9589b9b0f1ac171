namespace HasuraMigrations.Engine.Migrations;

/// <summary>A file that replaces older applied versions whose files are gone, as a squash leaves it.</summary>
/// <param name="Version">The version of the file. Newer CLIs keep the highest version of the range, older ones give a new one.</param>
/// <param name="Replaced">The versions whose files are gone and which are recorded, ascending.</param>
/// <param name="Obstacle">Why the records cannot be replaced on this database; null where they can.</param>
public sealed record Squash(long Version, IReadOnlyList<long> Replaced, string? Obstacle = null)
{
    /// <summary>What was found, in a sentence.</summary>
    internal string Message => $"The file of version {Version} contains the up steps of {string.Join(", ", Replaced)}, whose files no longer exist: the migrations were squashed.{(Obstacle is null ? "" : $" {Obstacle}")}";

    /// <summary>The command that settles it.</summary>
    public string Action => Obstacle is null
        ? $"Run Repair-HasuraMigration -Version {Version} -As Squashed. This removes the records of the replaced versions and records {Version} as applied; no SQL runs."
        : "Restore the files as they were before the squash, for example from a backup or the version control system, apply or roll back what differs, and then use the squashed migration.";

    /// <summary>True for versions that no plan may touch before it is settled.</summary>
    internal bool Concerns(long version) => version == Version || Replaced.Contains(version);

    /// <summary>True where applied versions of the history have no files, so that a search is of use.</summary>
    internal static bool IsPossible(MigrationSource source, IReadOnlyList<HistoryRow> history) =>
        history.Any(r => r is { IsRunning: false, Direction: MigrationDirection.Up } && source.Find(r.Version) is null);

    /// <summary>True where versions of Hasura's record have no files.</summary>
    internal static bool IsPossible(MigrationSource source, StateSnapshot state) => state.Versions.Count > 0 && state.Versions.Keys.Any(v => source.Find(v) is null);

    /// <summary>
    /// Finds squashes. One that this module made lists what it replaces. Of one that Hasura's CLI made, the text of a file holds the
    /// stored up texts of the applied versions right below it, in order. White space and semicolons do not count, since a squash
    /// sets pieces beside each other as they are.
    /// </summary>
    /// <param name="source">The files.</param>
    /// <param name="snapshot">What is recorded.</param>
    /// <param name="stored">Texts kept in the history.</param>
    internal static IReadOnlyList<Squash> Find(MigrationSource source, TargetSnapshot snapshot, IReadOnlyDictionary<long, SourceMigration> stored)
    {
        var rows = snapshot.History.Where(r => r is { IsRunning: false, Direction: MigrationDirection.Up }).ToDictionary(r => r.Version, r => (HistoryRow?)r);
        foreach (var version in snapshot.State.Versions.Where(v => !v.Value).Select(v => v.Key))
        {
            rows.TryAdd(version, null);
        }

        var gone = rows.Keys.Where(v => source.Find(v) is null).Order().ToList();
        var found = new List<Squash>();
        long below = 0;
        foreach (var migration in source.Migrations)
        {
            // A squash of Hasura's CLI replaces neighbouring versions, so it cannot contain versions below the previous file.
            var range = gone.Where(v => v > below && v < migration.Version).ToList();
            below = migration.Version;
            if (gone.Count > 0 && migration.Version > gone[0] && ManifestOf(migration) is { } manifest)
            {
                found.AddRange(Declared(migration, manifest, source, rows) is { } declared ? [declared] : []);
            }

            // Without the stored text (-NoStoreText), nothing proves that the file contains a version.
            else if (range.Count > 0 && range.TrueForAll(v => stored.ContainsKey(v) && rows[v] is not null) && Holds(TextOf(migration), range.Select(v => TextOf(stored[v]))))
            {
                found.Add(new Squash(migration.Version, range));
            }
        }

        return found;
    }

    // A file that cannot be read is reported where it is used.
    private static SquashManifest? ManifestOf(SourceMigration migration)
    {
        try
        {
            return SquashManifest.Read(migration);
        }
        catch (HasuraMigrationException)
        {
            return null;
        }
    }

    private static Squash? Declared(SourceMigration migration, SquashManifest manifest, MigrationSource source, Dictionary<long, HistoryRow?> rows)
    {
        var replaced = manifest.Versions.Where(v => v.Version != migration.Version && rows.ContainsKey(v.Version) && source.Find(v.Version) is null).ToList();
        if (replaced.Count == 0)
        {
            return null;
        }

        var lacking = manifest.Versions.Where(v => !rows.ContainsKey(v.Version)).Select(v => v.Version).ToList();
        var other = manifest.Versions.Where(v => rows.GetValueOrDefault(v.Version) is { } row && !v.Fits(row) && !IsRecordOf(row, migration)).Select(v => v.Version).ToList();
        var obstacle = lacking.Count > 0 ? $"It also contains those of {string.Join(", ", lacking)}, not applied to this database, so it can neither run here nor be recorded as applied."
            : other.Count > 0 ? $"The files of {string.Join(", ", other)} were applied to this database with another content than that in the squashed migration."
            : null;
        return new Squash(migration.Version, [.. replaced.Select(v => v.Version)], obstacle);
    }

    private static bool IsRecordOf(HistoryRow row, SourceMigration migration) =>
        row.Version == migration.Version && migration.StepsOf(MigrationDirection.Up).All(s => row.Checksums.GetValueOrDefault(SourceStep.FileName(s.Kind)) == s.Checksum);

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
