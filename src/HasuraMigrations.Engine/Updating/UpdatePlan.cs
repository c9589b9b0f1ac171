using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Updating;

/// <summary>An update of a project to a newer config version, complete and checked before anything is written.</summary>
public sealed class UpdatePlan
{
    internal UpdatePlan(HasuraProject project, UpdateOptions options, IReadOnlyList<FileChange> changes, IReadOnlyList<VersionChange> versions, IReadOnlyList<Finding> findings)
    {
        (Project, Options, Changes, Versions, Findings) = (project, options, changes, versions, findings);
        Backup = options.BackupPath ?? UpdatePlaces.BackupOf(project.Directory, project.ConfigVersion);
    }

    /// <summary>The project as it is.</summary>
    public HasuraProject Project { get; }

    /// <summary>How it is updated.</summary>
    public UpdateOptions Options { get; }

    /// <summary>Full path of the backup.</summary>
    public string Backup { get; }

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Migrations whose YAML steps are replaced, ascending.</summary>
    public IReadOnlyList<UpdatedMigration> Migrations { get; internal init; } = [];

    /// <summary>What changes of applied versions.</summary>
    public IReadOnlyList<VersionChange> Versions { get; }

    /// <summary>Full paths of the files that are written.</summary>
    public IReadOnlyList<string> Written => [.. Changes.Where(c => c.Kind == FileChangeKind.Write).Select(c => c.Path)];

    /// <summary>Files that are moved.</summary>
    public IReadOnlyList<ProjectFileMove> Moved => [.. Changes.Where(c => c.Kind == FileChangeKind.Move).Select(c => new ProjectFileMove(c.From!, c.Path))];

    /// <summary>Full paths of the files that are removed.</summary>
    public IReadOnlyList<string> Removed => [.. Changes.Where(c => c.Kind == FileChangeKind.Delete).Select(c => c.Path)];

    /// <summary>Each part of the plan in a sentence.</summary>
    public IEnumerable<string> Lines =>
    [
        .. Migrations.Select(m => m.IsRemoved ? $"Remove the migration {m.Version}_{m.Name}." : $"Convert the migration {m.Version}_{m.Name}: take over {m.Statements} statements, leave out {m.Actions} actions on metadata."),
        .. Changes.Select(c => c.Kind switch
        {
            FileChangeKind.Write => $"Write '{c.Path}'.",
            FileChangeKind.Move => $"Move '{c.From}' to '{c.Path}'.",
            _ => $"Remove '{c.Path}'.",
        }),
    ];

    /// <summary>What happens to each file; config.yaml comes last.</summary>
    internal IReadOnlyList<FileChange> Changes { get; }

    /// <summary>The plan in a sentence.</summary>
    public override string ToString()
    {
        var parts = new[]
        {
            Count(Migrations.Count(m => !m.IsRemoved), "convert", "migration"),
            Count(Migrations.Count(m => m.IsRemoved), "remove", "migration", " of metadata alone"),
            Count(Written.Count, "write", "file"),
            Count(Moved.Count, "move", "file"),
            Count(Removed.Count, "remove", "file"),
        };
        return $"Update config version {Project.ConfigVersion} to {Options.ToVersion}: {string.Join(", ", parts.OfType<string>())}; backup in '{Backup}'";
    }

    private static string? Count(int count, string verb, string what, string end = "") => count == 0 ? null : $"{verb} {count} {what}{(count == 1 ? "" : "s")}{end}";
}
