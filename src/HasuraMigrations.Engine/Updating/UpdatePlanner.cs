using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Updating;

/// <summary>Plans the update of a project; writes nothing.</summary>
/// <param name="project">The project.</param>
/// <param name="options">How.</param>
public sealed class UpdatePlanner(HasuraProject project, UpdateOptions options)
{
    private readonly List<Finding> _findings = [];
    private readonly string _backup = options.BackupPath ?? UpdatePlaces.BackupOf(project.Directory, project.ConfigVersion);

    /// <summary>Refuses what cannot be updated, before any work.</summary>
    /// <exception cref="HasuraMigrationException">
    /// UpdateVersionInvalid, UpdateBackupExists, UpdateBackupInvalid, UpdateDatabaseInvalid.
    /// </exception>
    public void Check()
    {
        if (options.ToVersion <= project.ConfigVersion)
        {
            throw new HasuraMigrationException("UpdateVersionInvalid", $"The project '{project.Directory}' has config version {project.ConfigVersion}; it cannot be updated to version {options.ToVersion}.", options.ToVersion);
        }

        if (project.Settings.SourceOf("version") is SettingSource.Environment or SettingSource.EnvFile)
        {
            throw new HasuraMigrationException("UpdateVersionInvalid", $"The config version {project.ConfigVersion} is that of the variable HASURA_GRAPHQL_VERSION, which overrides config.yaml.", options.ToVersion) { RecommendedAction = "Remove the variable from the environment and the env file." };
        }

        if (Directory.Exists(_backup) && ProjectPaths.Entries(new DirectoryInfo(_backup)).Count > 0)
        {
            throw new HasuraMigrationException("UpdateBackupExists", $"The directory '{_backup}' exists already and is not empty.", _backup)
            {
                File = _backup,
                RecommendedAction = "Move it away or delete it, or choose another directory with -BackupPath.",
            };
        }

        if (new[] { project.MigrationsDirectory, project.SeedsDirectory, MetadataDirectory }.FirstOrDefault(d => d != project.Directory && ProjectPaths.IsInside(_backup, d)) is { } inside)
        {
            throw new HasuraMigrationException("UpdateBackupInvalid", $"The backup '{_backup}' would be in '{inside}', whose files the update changes.", _backup) { RecommendedAction = "Choose a directory outside it, or leave -BackupPath out." };
        }

        CheckDatabase();
    }

    /// <summary>Makes the plan.</summary>
    /// <param name="migrations">The migrations of config version 1, converted; null for config version 2.</param>
    /// <param name="metadata">The metadata in the version of the new layout; null where none is known.</param>
    /// <param name="oldFiles">Full paths of the files that the metadata was in.</param>
    /// <exception cref="HasuraMigrationException">UpdateTargetExists, SquashUnfinished, ConfigNotEditable, and what reading and planning of files may raise.</exception>
    public UpdatePlan Make(ConvertedMigrations? migrations, MetadataDocument? metadata, IReadOnlyList<string> oldFiles)
    {
        // What looks like a migration and is none is moved as it is.
        _findings.AddRange(migrations?.Findings ?? [.. MigrationSource.Scan(project, project.Database(HasuraProject.DefaultDatabase)).Findings.Where(f => f.Id != "MigrationStepEmpty")]);
        List<FileChange> steps = [.. migrations?.EmptyFiles ?? [], .. (migrations?.Changed ?? []).SelectMany(c => c.Files)];
        var changes = options.ToVersion == 3 ? Moved(steps) : steps;
        changes.AddRange(Metadata(metadata, oldFiles));
        changes.Add(Config());
        return new UpdatePlan(project, options, [.. changes.Select(WithHash)], Versions(migrations), _findings) { Migrations = [.. (migrations?.Changed ?? []).Select(c => c.ToResult())] };
    }

    /// <summary>Full path of the metadata directory after the update.</summary>
    internal string MetadataDirectory => options.MetadataDirectory is { } directory ? ProjectPaths.FromSetting(project.Directory, "metadata_directory", directory) : project.MetadataDirectory;

    /// <summary>Where the metadata is after the update, and how.</summary>
    public MetadataLayout Layout => project.ConfigVersion > 1 && options.MetadataDirectory is null && MetadataFiles.LayoutOf(project) is { Kind: MetadataLayoutKind.SingleFile } file
        ? file
        : new MetadataLayout(options.ToVersion == 3 ? MetadataLayoutKind.DirectoryV3 : MetadataLayoutKind.DirectoryV2, MetadataDirectory);

    private void CheckDatabase()
    {
        if (options.ToVersion < 3)
        {
            return;
        }

        NewName.Check("UpdateDatabaseInvalid", "database", options.Database);
        if (options.Database.StartsWith('.') || FileNames.IsReserved(options.Database))
        {
            throw new HasuraMigrationException("UpdateDatabaseInvalid", $"The name '{options.Database}' cannot be that of a directory with migrations.", options.Database);
        }
    }

    private List<FileChange> Moved(List<FileChange> steps)
    {
        var mover = new LayoutMover(project, options.Database, _backup);
        var moves = mover.Find();
        _findings.AddRange(mover.Findings);
        var changed = steps.ToDictionary(s => s.Path, StringComparer.Ordinal);
        var result = new List<FileChange>();
        foreach (var (from, to) in moves)
        {
            result.Add(!changed.Remove(from, out var step) ? FileChange.Move(from, to)
                : step.Kind == FileChangeKind.Delete ? step
                : FileChange.Delete(from));
            if (step is { Kind: FileChangeKind.Write })
            {
                result.Add(FileChange.Write(to, step.Text!));
            }
        }

        // What is left is new.
        result.AddRange(changed.Values.Select(s => s.Kind == FileChangeKind.Write ? FileChange.Write(mover.PlaceOf(s.Path), s.Text!) : s));
        return result;
    }

    private List<FileChange> Metadata(MetadataDocument? metadata, IReadOnlyList<string> oldFiles)
    {
        if (metadata is null)
        {
            return [];
        }

        var plan = MetadataFiles.Plan(metadata, Layout);
        _findings.AddRange(plan.Findings);
        var kept = plan.Changes.Where(c => c.Kind != MetadataFileChangeKind.Deleted).Select(c => c.Path).ToHashSet(FileNames.Cautious);
        var stale = oldFiles.Concat(plan.Changes.Where(c => c.Kind == MetadataFileChangeKind.Deleted).Select(c => c.Path)).Where(f => !kept.Contains(f)).Distinct(StringComparer.Ordinal);
        return [.. plan.Changes.Where(c => c.Text is not null).Select(c => FileChange.Write(c.Path, c.Text!)), .. stale.Select(FileChange.Delete)];
    }

    private FileChange Config()
    {
        var path = Path.Combine(project.Directory, ConfigFile.Name);
        List<(string, string)> values = [("version", options.ToVersion.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        var source = project.Settings.SourceOf("metadata_directory");
        // Hasura's CLI of 1.2 to 2.0 has no metadata where the key is not there.
        if (options.MetadataDirectory is not null || (project.ConfigVersion == 1 && source == SettingSource.Default))
        {
            values.Add(("metadata_directory", options.MetadataDirectory ?? project.Settings["metadata_directory"]));
        }

        return FileChange.Write(path, ConfigEdit.Set(path, TextFile.Read(path).Text, [.. values]));
    }

    private static FileChange WithHash(FileChange change) => FileReplacement.Exists(change.Original) ? change with { Hash = change.HashNow() } : change;

    private static List<VersionChange> Versions(ConvertedMigrations? migrations) =>
        [.. (migrations?.Changed ?? []).Select(c => new VersionChange(c.Old.Version, c.Old.Name, c.Old.Checksums(), c.New?.Checksums()))];
}
