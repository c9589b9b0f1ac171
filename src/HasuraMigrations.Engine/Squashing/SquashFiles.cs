using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>
/// Replaces the files of a range by those of the squashed migration, so that a stop at any point leaves what a second call
/// completes. The new files are first written beside the migrations, under a name that stops every run; then the old ones are copied
/// to the backup and removed; then the new ones are moved to their place.
/// </summary>
/// <param name="project">The project.</param>
/// <param name="database">The database.</param>
/// <param name="inform">Is told of each step before it is done.</param>
public sealed class SquashFiles(HasuraProject project, ProjectDatabase database, Action<string> inform)
{
    private const string BackupFile = "backup.txt";

    /// <summary>Refuses what would be found out in the middle of the work.</summary>
    /// <param name="plan">The squash.</param>
    /// <param name="backup">Full path of the backup.</param>
    /// <exception cref="HasuraMigrationException">MigrationExists, SquashBackupExists, SquashUnfinished, PathOutsideProject, FileUnreadable.</exception>
    public void Check(SquashPlan plan, string backup)
    {
        var sets = MigrationFileSet.Scan(project, database);
        if (Directory.Exists(plan.Migration.Path) && !plan.Versions.Any(v => sets.TryGetValue(v, out var set) && set.RemovesDirectory(plan.Migration.Path)))
        {
            throw new HasuraMigrationException("MigrationExists", $"The directory '{plan.Migration.Path}' contains other files, or exists already.", plan.Migration.Version)
            {
                File = plan.Migration.Path,
                RecommendedAction = "Choose another name with -Name.",
            };
        }

        if (Directory.Exists(backup) && ProjectPaths.Entries(new DirectoryInfo(backup)).Count > 0)
        {
            throw new HasuraMigrationException("SquashBackupExists", $"The directory '{backup}' exists already and is not empty.", backup)
            {
                File = backup,
                RecommendedAction = "Move it away or delete it, or choose another directory with -BackupPath.",
            };
        }

        // In config version 3, a directory beside that of the database is another database.
        var isUsual = Path.GetDirectoryName(backup) == database.MigrationsDirectory && SquashPlaces.IsBackup(Path.GetFileName(backup));
        if (!isUsual && (ProjectPaths.IsInside(backup, project.MigrationsDirectory) || ProjectPaths.IsInside(backup, database.MigrationsDirectory)))
        {
            throw new HasuraMigrationException("SquashBackupInvalid", $"The backup '{backup}' would be among the migrations.", backup)
            {
                RecommendedAction = "Choose a directory outside the migrations directory, or leave -BackupPath out.",
            };
        }
    }

    /// <summary>The range of a squash whose files were not replaced completely; null where there is none.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable.</exception>
    public (long First, long Last)? FindUnfinished() =>
        Directory.Exists(database.MigrationsDirectory)
            ? ProjectPaths.Entries(new DirectoryInfo(database.MigrationsDirectory)).OfType<DirectoryInfo>().Select(d => SquashPlaces.UnfinishedRange(d.Name)).FirstOrDefault(r => r is not null)
            : null;

    /// <summary>Replaces the files.</summary>
    /// <param name="plan">The squash.</param>
    /// <param name="backup">Full path of the backup.</param>
    /// <returns>What was noticed.</returns>
    /// <exception cref="HasuraMigrationException">FileUnwritable, FileUnreadable.</exception>
    public IReadOnlyList<Finding> Replace(SquashPlan plan, string backup)
    {
        using var turn = WriterTurn.Take(database.MigrationsDirectory, MigrationWriter.LockFile);
        var staging = SquashPlaces.StagingOf(database, plan.Versions[0], plan.Versions[^1]);
        Stage(plan, staging, backup);
        return Finish(staging);
    }

    /// <summary>Completes what an earlier call left unfinished.</summary>
    /// <param name="range">The range, of <see cref="FindUnfinished"/>.</param>
    /// <returns>What was noticed.</returns>
    /// <exception cref="HasuraMigrationException">SquashFilesChanged, FileUnwritable, FileUnreadable.</exception>
    public IReadOnlyList<Finding> Complete((long First, long Last) range)
    {
        using var turn = WriterTurn.Take(database.MigrationsDirectory, MigrationWriter.LockFile);
        return Finish(SquashPlaces.StagingOf(database, range.First, range.Last));
    }

    private void Stage(SquashPlan plan, string staging, string backup)
    {
        inform($"Writing the squashed migration {plan.Migration.Version}_{plan.Migration.Name}.");
        FileReplacement.CreateWhole(staging, temporary =>
        {
            var directory = Directory.CreateDirectory(Path.Combine(temporary, Path.GetFileName(plan.Migration.Path))).FullName;
            foreach (var step in plan.Migration.Steps)
            {
                WholeFile.WriteNew(Path.Combine(directory, SourceStep.FileName(step.Kind)), step.Text.Text);
            }

            WholeFile.WriteNew(Path.Combine(temporary, BackupFile), backup);
        });
    }

    private List<Finding> Finish(string staging)
    {
        var findings = new List<Finding>();
        var backup = TextFile.Read(Path.Combine(staging, BackupFile)).Text;
        // Without it, only the end of the work is left.
        if (ProjectPaths.Entries(new DirectoryInfo(staging)).OfType<DirectoryInfo>().FirstOrDefault() is { } staged)
        {
            var replaced = Replaced(staged);
            inform($"Copying the files of {replaced.Count} migrations to '{backup}'.");
            replaced.ForEach(set => FileReplacement.Guard(backup, () => Copy(set, backup)));
            inform($"Removing the files of {replaced.Count} migrations.");
            replaced.ForEach(set => findings.AddRange(set.Remove().Findings));
            inform("Moving the squashed migration to its place.");
            var target = Path.Combine(database.MigrationsDirectory, staged.Name);
            FileReplacement.Guard(target, () => HeldFiles.Retry(() => Directory.Move(staged.FullName, target)));
        }

        inform("The files are in place.");
        FileReplacement.Guard(staging, () => HeldFiles.Retry(() => Directory.Delete(staging, recursive: true)));
        return findings;
    }

    /// <summary>The files of the versions that the staged migration lists, where they are still there and as they were.</summary>
    private List<MigrationFileSet> Replaced(DirectoryInfo staged)
    {
        var sets = MigrationFileSet.Scan(project, database);
        var source = MigrationSource.Scan(project, database);
        var replaced = new List<MigrationFileSet>();
        foreach (var version in ManifestOf(staged).Versions)
        {
            if (source.Find(version.Version) is { } migration && SquashedVersion.Of(migration).Checksums.FirstOrDefault(c => version.Checksums.GetValueOrDefault(c.Key) != c.Value).Key is { } changed)
            {
                throw new HasuraMigrationException("SquashFilesChanged", $"The file {changed} of migration {version.Version} changed since its squash began.", version.Version)
                {
                    File = migration.Path,
                    RecommendedAction = $"Restore the file, or delete the directory '{staged.Parent!.FullName}' to give up the squash.",
                };
            }

            if (sets.TryGetValue(version.Version, out var set))
            {
                replaced.Add(set);
            }
        }

        return replaced;
    }

    private static SquashManifest ManifestOf(DirectoryInfo staged)
    {
        var steps = ProjectPaths.Entries(staged).OfType<FileInfo>()
            .SelectMany(f => Enum.GetValues<MigrationStepKind>().Where(k => SourceStep.FileName(k) == f.Name).Select(k => new SourceStep(k, f.FullName)));
        return SquashManifest.Read(new SourceMigration(0, "", staged.FullName, [.. steps]))
            ?? throw new HasuraMigrationException("SquashFilesChanged", $"The directory '{staged.FullName}' does not contain a squashed migration.", staged.FullName)
            {
                File = staged.FullName,
                RecommendedAction = $"Delete the directory '{staged.Parent!.FullName}' to give up the squash, and check the migrations.",
            };
    }

    private void Copy(MigrationFileSet set, string backup)
    {
        foreach (var file in set.Files)
        {
            FileReplacement.Copy(file, Path.Combine(backup, Path.GetRelativePath(database.MigrationsDirectory, file)));
        }
    }
}
