using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Updating;

/// <summary>
/// Takes the SQL of YAML steps into SQL files, in the order in which it runs: up.sql before up.yaml, down.yaml before down.sql. What
/// actions do to metadata is not SQL; it comes into the metadata files from elsewhere.
/// </summary>
/// <param name="project">The project, of config version 1.</param>
public sealed class MigrationConverter(HasuraProject project)
{
    private readonly ProjectDatabase _database = project.Database(HasuraProject.DefaultDatabase);
    private readonly List<Finding> _findings = [];

    /// <summary>Converts; writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">PlanRefused or the id of the finding where a step cannot be converted; FileUnreadable, PathOutsideProject.</exception>
    public ConvertedMigrations Convert()
    {
        var source = MigrationSource.Scan(project, _database);
        _findings.AddRange(source.Findings.Where(f => f.Id != "MigrationStepEmpty"));
        Refuse();
        var sets = MigrationFileSet.Scan(project, _database);
        var changed = source.Migrations.Where(m => m.Steps.Any(s => IsYaml(s.Kind))).Select(m => Convert(m, sets[m.Version])).ToList();
        Refuse();
        var byVersion = changed.ToDictionary(c => c.Old.Version);
        var migrations = source.Migrations.Select(m => byVersion.TryGetValue(m.Version, out var converted) ? converted.New : m).OfType<SourceMigration>();
        var empty = sets.Values.Where(s => !byVersion.ContainsKey(s.Version)).SelectMany(s => s.Files).Where(f => IsYaml(f)).Select(FileChange.Delete).ToList();
        return new ConvertedMigrations(source, new MigrationSource(source.Database, migrations, source.Findings) { Repeatables = source.Repeatables }, _findings) { Changed = changed, EmptyFiles = empty };
    }

    private static bool IsYaml(MigrationStepKind kind) => kind is MigrationStepKind.UpYaml or MigrationStepKind.DownYaml;

    private static bool IsYaml(string path) => path.EndsWith(".yaml", StringComparison.Ordinal);

    private ConvertedMigration Convert(SourceMigration migration, MigrationFileSet set)
    {
        var up = new StepConverter(_database.Name, migration, MigrationDirection.Up, _findings).Convert();
        var down = new StepConverter(_database.Name, migration, MigrationDirection.Down, _findings).Convert();
        var result = new ConvertedMigration(migration, null) { Statements = up.Statements + down.Statements, Actions = up.Actions };
        if (!up.HasSql && !down.HasSql)
        {
            _findings.Add(Finding("MigrationRemoved", FindingSeverity.Information, "The migration contains only actions on metadata, which the metadata files replace; it was removed.", migration));
            return result with { Files = [.. set.Files.Select(FileChange.Delete)] };
        }

        List<SourceStep> steps = [];
        var files = set.Files.Where(IsYaml).Select(FileChange.Delete).ToList();
        foreach (var (kind, step) in new[] { (MigrationStepKind.UpSql, up), (MigrationStepKind.DownSql, down) })
        {
            // A version needs an up step, and one that could be rolled back still can be.
            var text = step.Text ?? (step.HasYaml && !step.HasSql ? Nothing(kind) : kind == MigrationStepKind.UpSql && !step.HasSql && !step.HasYaml ? Nothing(kind) : null);
            if (text is not null)
            {
                files.Add(FileChange.Write(PathOf(kind, set, migration), text));
                steps.Add(new SourceStep(kind, StepText.Of(text)));
            }
            else if (migration.Steps.FirstOrDefault(s => s.Kind == kind) is { } same)
            {
                steps.Add(same);
            }
        }

        return result with { New = migration with { Steps = steps }, Files = files };
    }

    // A file of comments would be taken for one that is still to be written.
    private static string Nothing(MigrationStepKind kind) =>
        $"-- The {(kind == MigrationStepKind.UpSql ? "up" : "down")} step contained only actions on metadata.\nSELECT 1;\n";

    /// <summary>The file that is there, be it empty, or one beside the YAML file.</summary>
    private static string PathOf(MigrationStepKind kind, MigrationFileSet set, SourceMigration migration)
    {
        var ending = SourceStep.FileName(kind);
        if (migration.Steps.FirstOrDefault(s => s.Kind == kind) is { Path: { } path })
        {
            return path;
        }

        bool IsOf(string file, string name) => Path.GetFileName(file) == name || Path.GetFileName(file).EndsWith("." + name, StringComparison.Ordinal);
        if (set.Files.FirstOrDefault(f => IsOf(f, ending)) is { } empty)
        {
            return empty;
        }

        var yaml = set.Files.FirstOrDefault(f => IsOf(f, Path.ChangeExtension(ending, "yaml"))) ?? set.Files.First(IsYaml);
        return IsOf(yaml, Path.ChangeExtension(ending, "yaml"))
            ? Path.ChangeExtension(yaml, "sql")
            : Path.GetFileName(yaml) is "up.yaml" or "down.yaml"
                ? Path.Combine(Path.GetDirectoryName(yaml)!, ending)
                : Path.Combine(Path.GetDirectoryName(yaml)!, $"{migration.Version}_{migration.Name}.{ending}");
    }

    private void Refuse()
    {
        var errors = _findings.Where(f => f.Severity == FindingSeverity.Error).ToList();
        if (errors.Count > 0)
        {
            new MigrationPlan(_database.Name, [], errors, MigrationTransactionMode.PerMigration).ThrowIfRefused();
        }
    }

    private Finding Finding(string id, FindingSeverity severity, string message, SourceMigration migration) => new()
    {
        Id = id,
        Severity = severity,
        Message = message,
        Database = _database.Name,
        Version = migration.Version,
        File = migration.Steps[0].Path,
    };
}
