using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Walks the migrations directory of one database, two levels deep.</summary>
internal sealed class MigrationScanner(HasuraProject project, ProjectDatabase database)
{
    private static readonly MigrationStepKind[] Kinds = [MigrationStepKind.UpSql, MigrationStepKind.UpYaml, MigrationStepKind.DownYaml, MigrationStepKind.DownSql];

    private readonly Dictionary<long, List<FoundFile>> _found = [];

    internal List<Finding> Findings { get; } = [];

    internal IReadOnlyList<RepeatableFile> Repeatables { get; private set; } = [];

    internal void Scan()
    {
        var root = new DirectoryInfo(ProjectPaths.ReallyInside(database.MigrationsDirectory, project.MigrationsDirectory));
        if (!root.Exists)
        {
            return;
        }

        foreach (var entry in ProjectPaths.Entries(root).Where(e => !SquashPlaces.IsBackup(e.Name)))
        {
            if (SquashPlaces.UnfinishedRange(entry.Name) is var (first, last))
            {
                Findings.Add(Warn("SquashUnfinished", FindingSeverity.Error, $"The squash of {first} to {last} was interrupted while its files were replaced.", entry.FullName) with
                {
                    RecommendedAction = $"Run Merge-HasuraMigration -From {first} -To {last} again; it completes the squash.",
                });
                continue;
            }

            switch (Follow(entry))
            {
                case DirectoryInfo directory when entry.Name == RepeatableFile.Directory:
                    Repeatables = [.. ScanRepeatables(directory.FullName)];
                    break;
                case DirectoryInfo directory:
                    ScanDirectory(directory, entry.Name);
                    break;
                case FileInfo:
                    Take(entry.Name, null, entry.FullName, entry.FullName);
                    break;
            }
        }
    }

    internal IEnumerable<SourceMigration> Migrations()
    {
        List<List<FoundFile>> ascending = [.. _found.Values];
        ascending.Sort(static (a, b) => a[0].Name.Version.CompareTo(b[0].Name.Version));
        foreach (var files in ascending)
        {
            var version = files[0].Name.Version;
            // Empty files are absent, so they are no duplicates either.
            var present = files.Where(f => !IsEmpty(f.Name, f.File)).ToList();
            var distinct = new List<FoundFile>();
            foreach (var kind in Kinds)
            {
                if (present.FindAll(f => f.Name.Kind == kind) is { Count: > 0 } same)
                {
                    distinct.Add(ReportDuplicates(version, same));
                }
            }

            var steps = distinct.Select(f => new SourceStep(f.Name.Kind, f.File)).ToList();
            if (version == 0 && steps.Count > 0)
            {
                Findings.Add(Warn("MigrationVersionZero", FindingSeverity.Error, "The version 0 cannot be used: Hasura treats it as no version.", distinct[0].File, version));
            }
            else if (steps.Count > 0)
            {
                if (steps.All(s => s.Direction == MigrationDirection.Down))
                {
                    Findings.Add(Warn("MigrationDownOnly", FindingSeverity.Warning, "There is a down step but no up step.", distinct[0].File, version));
                }

                yield return new SourceMigration(version, distinct[0].Name.Name, distinct[0].Place, steps);
            }
        }
    }

    private IEnumerable<RepeatableFile> ScanRepeatables(string directory)
    {
        var tree = new SqlFileTree(project.Directory, (isBroken, message, file) => Findings.Add(Warn(isBroken ? "LinkBroken" : "MigrationFileIgnored", FindingSeverity.Warning, message, file)));
        foreach (var (path, file) in tree.Walk(directory))
        {
            if (Printable.Of(path) != path)
            {
                Findings.Add(Warn("MigrationNameInvalid", FindingSeverity.Error, $"The name '{path}' contains a control character, a bidirectional formatting character, or a command of a build agent.", file) with { RecommendedAction = "Rename the file." });
            }
            else
            {
                yield return new RepeatableFile($"{RepeatableFile.Directory}/{path}", new SourceStep(MigrationStepKind.UpSql, file));
            }
        }
    }

    private void ScanDirectory(DirectoryInfo directory, string name)
    {
        if (name.Equals(RepeatableFile.Directory, StringComparison.OrdinalIgnoreCase))
        {
            Findings.Add(Warn("MigrationFileIgnored", FindingSeverity.Warning, $"The directory of repeatable files must be named '{RepeatableFile.Directory}', in lower case.", directory.FullName));
            return;
        }

        var entries = ProjectPaths.Entries(directory);
        if (IgnoredFileReason.OfDirectory(name, entries.Select(e => e.Name)) is { } reason)
        {
            Findings.Add(Warn("MigrationFileIgnored", FindingSeverity.Warning, $"This is not treated as a migration: {reason}.", directory.FullName));
        }

        foreach (var entry in entries)
        {
            var end = Follow(entry);
            if (end is DirectoryInfo nested)
            {
                if (IgnoredFileReason.OfNestedDirectory(nested.Name, ProjectPaths.Entries(nested).Select(e => e.Name)) is { } why)
                {
                    Findings.Add(Warn("MigrationFileIgnored", FindingSeverity.Warning, $"This is not treated as a migration: {why}.", nested.FullName));
                }
            }
            else if (end is not null)
            {
                Take(entry.Name, name, entry.FullName, directory.FullName);
            }
        }
    }

    private void Take(string fileName, string? directoryName, string path, string place)
    {
        var logical = directoryName is null ? fileName : $"{directoryName}.{fileName}";
        if (!MigrationFileName.TryParse(logical, project.ConfigVersion, out var name))
        {
            if (IgnoredFileReason.OfFile(fileName, directoryName, project.ConfigVersion) is { } why)
            {
                Findings.Add(Warn("MigrationFileIgnored", FindingSeverity.Warning, $"This is not treated as a migration: {why}.", path));
            }

            return;
        }

        // Such a name cannot be shown as it is, and one with a line break is no migration for Hasura's CLI.
        if (Printable.Of(name.Name) != name.Name)
        {
            Findings.Add(Warn("MigrationNameInvalid", FindingSeverity.Error, $"The name '{name.Name}' contains a control character, a bidirectional formatting character, or a command of a build agent.", path, name.Version) with { RecommendedAction = "Rename the migration." });
            return;
        }

        if (!_found.TryGetValue(name.Version, out var files))
        {
            _found.Add(name.Version, files = []);
        }

        files.Add(new FoundFile(name, path, place));
    }

    private FoundFile ReportDuplicates(long version, List<FoundFile> files)
    {
        if (files.Count > 1)
        {
            Findings.Add(Warn("MigrationDuplicate", FindingSeverity.Error, $"The version {version} has more than one {SourceStep.FileName(files[0].Name.Kind)}: {string.Join(", ", files.Select(f => $"'{f.File}'"))}.", files[1].File, version));
        }

        return files[0];
    }

    private bool IsEmpty(MigrationFileName name, string path)
    {
        try
        {
            var isEmpty = name.Kind is MigrationStepKind.UpYaml or MigrationStepKind.DownYaml
                ? StepAction.IsEmpty(TextFile.Read(path).Text, path)
                : TextFile.IsEmpty(path);
            if (isEmpty)
            {
                // Hasura's CLI itself makes empty down files.
                var severity = name.Kind is MigrationStepKind.DownSql or MigrationStepKind.DownYaml ? FindingSeverity.Information : FindingSeverity.Warning;
                Findings.Add(Warn("MigrationStepEmpty", severity, "The file is empty and is not a step.", path, name.Version));
            }

            return isEmpty;
        }
        catch (HasuraMigrationException e)
        {
            Findings.Add(Warn(e.ErrorId, FindingSeverity.Error, e.Message, path, name.Version) with { Line = e.Line, Column = e.Column });
            return false;
        }
    }

    // Resolved first; names are those in the project, not those a link points to.
    private FileSystemInfo? Follow(FileSystemInfo entry)
    {
        var end = ProjectPaths.Resolve(entry, project.Directory, database.MigrationsDirectory);
        if (end is null)
        {
            Findings.Add(Warn("LinkBroken", FindingSeverity.Warning, "The target of the link does not exist; the link is ignored.", entry.FullName));
            return null;
        }

        return end is DirectoryInfo && end != entry ? new DirectoryInfo(entry.FullName) : end;
    }

    private Finding Warn(string id, FindingSeverity severity, string message, string file, long? version = null) => new()
    {
        Id = id,
        Severity = severity,
        Message = message,
        Database = database.Name,
        Version = version,
        File = file,
    };

    // A class: the runtime has native code of generic collections for all classes together, and compiles it for each structure anew.
    private sealed record FoundFile(MigrationFileName Name, string File, string Place);
}
