using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Writes new migrations, as Hasura's CLI lays them out; never over something that exists.</summary>
/// <param name="project">The project.</param>
/// <param name="database">The database that the migration is for.</param>
/// <param name="clock">Gives the version where none is named.</param>
public sealed class MigrationWriter(HasuraProject project, ProjectDatabase database, TimeProvider clock)
{
    /// <summary>Name of the file that is there while somebody writes migrations.</summary>
    internal const string LockFile = ".new-migration.lock";

    /// <summary>The directory that would be written, with a version that is free; writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">MigrationNameInvalid, MigrationVersionInvalid, MigrationExists.</exception>
    public (long Version, string Directory) Choose(NewMigration migration)
    {
        NewName.Check("MigrationNameInvalid", "migration", migration.Name);
        var taken = MigrationSource.Scan(project, database).Migrations.ToDictionary(m => m.Version);
        var version = migration.Version ?? clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (version < 1)
        {
            throw new HasuraMigrationException("MigrationVersionInvalid", $"The version {version} is not a number from 1 to {long.MaxValue}.", version);
        }

        if (migration.Version is not null)
        {
            return !taken.TryGetValue(version, out var other) && !IsTaken(version)
                ? (version, DirectoryOf(version, migration.Name))
                : throw Exists(version, other?.Path ?? DirectoriesOf(version)[0]);
        }

        while (taken.ContainsKey(version) || IsTaken(version))
        {
            version++;
        }

        return (version, DirectoryOf(version, migration.Name));
    }

    /// <summary>Writes a migration.</summary>
    /// <exception cref="HasuraMigrationException">As of <see cref="Choose"/>; FileUnwritable.</exception>
    public HasuraMigration Write(NewMigration migration)
    {
        NewName.Check("MigrationNameInvalid", "migration", migration.Name);
        using var turn = WriterTurn.Take(database.MigrationsDirectory, LockFile);
        var (version, directory) = Choose(migration);
        // A step that was written in part would be run by whoever comes next, so the migration is there only when it is whole.
        var temporary = Path.Combine(database.MigrationsDirectory, $".new-{version}-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(temporary);
            WriteSteps(migration, temporary);
            HeldFiles.Retry(() => Directory.Move(temporary, directory));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw WholeFile.Unwritable(directory, e);
        }

        return Describe(migration, version, directory);
    }

    private static void Discard(string directory)
    {
        if (Directory.Exists(directory))
        {
            HeldFiles.Retry(() => Directory.Delete(directory, recursive: true));
        }
    }

    // Without any text both steps are made, to be filled; with text only what was given, since an empty file is no step.
    private static void WriteSteps(NewMigration migration, string directory)
    {
        var isEmpty = migration is { UpSql: null, DownSql: null, UpYaml: null };
        WriteStep(Path.Combine(directory, SourceStep.FileName(MigrationStepKind.UpSql)), migration.UpSql ?? (isEmpty ? "" : null));
        WriteStep(Path.Combine(directory, SourceStep.FileName(MigrationStepKind.DownSql)), migration.DownSql ?? (isEmpty ? "" : null));
        WriteStep(Path.Combine(directory, SourceStep.FileName(MigrationStepKind.UpYaml)), migration.UpYaml);
    }

    private static void WriteStep(string path, string? text)
    {
        if (text is not null)
        {
            WholeFile.WriteNew(path, text.Length == 0 || text.EndsWith('\n') ? text : text + "\n");
        }
    }

    private HasuraMigration Describe(NewMigration migration, long version, string directory)
    {
        var written = MigrationSource.Scan(project, database).Find(version);
        return new HasuraMigration
        {
            Database = database.Name,
            Version = version,
            Name = migration.Name,
            Status = MigrationState.Pending,
            Steps = written is null ? [] : [.. written.Steps.Select(s => s.Kind)],
            ChecksumState = MigrationChecksumState.None,
            IsOutOfOrder = false,
            IsMissing = false,
            HasStoredText = false,
            Path = directory,
            Findings = Longest(directory) is { Length: > FileNames.MaximumPath } path ? [PathFindings.TooLong(path)] : [],
        };
    }

    private static string Longest(string directory) => Path.Combine(directory, SourceStep.FileName(MigrationStepKind.DownSql));

    private bool IsTaken(long version) => DirectoriesOf(version).Length > 0;

    private string[] DirectoriesOf(long version) =>
        Directory.Exists(database.MigrationsDirectory)
            ? [.. ProjectPaths.Entries(new DirectoryInfo(database.MigrationsDirectory)).OfType<DirectoryInfo>().Where(d => d.Name.StartsWith($"{version}_", StringComparison.Ordinal)).Select(d => d.FullName)]
            : [];

    private string DirectoryOf(long version, string name) => Path.Combine(database.MigrationsDirectory, $"{version}_{name}");

    private static HasuraMigrationException Exists(long version, string path) =>
        new("MigrationExists", $"The version {version} already exists: '{path}'.", version) { File = path };

}
