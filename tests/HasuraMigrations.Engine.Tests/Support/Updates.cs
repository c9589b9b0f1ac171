using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Updates of projects to newer config versions.</summary>
internal static class Updates
{
    /// <summary>Opens a project as it lies, with nothing of the environment.</summary>
    public static HasuraProject Open(string directory, bool allowUnfinished = false) =>
        HasuraProject.Open(new ProjectOptions { Path = directory, IsExplicit = true, Environment = new Dictionary<string, string>(), AllowUnfinished = allowUnfinished });

    /// <summary>Plans an update; the metadata is that of the files, or of a replay.</summary>
    /// <param name="directory">The project.</param>
    /// <param name="options">How.</param>
    /// <param name="proof">How throwaway databases are made; null to prove nothing.</param>
    /// <param name="target">The metadata to take in place of that of the files.</param>
    /// <param name="isOfTarget">False to only compare with it.</param>
    public static async Task<(UpdatePlan Plan, IReadOnlyList<Finding> Findings)> PlanAsync(string directory, UpdateOptions options, ProofOptions? proof, MetadataDocument? target = null, bool isOfTarget = true)
    {
        var project = Open(directory);
        new UpdatePlanner(project, options).Check();
        var metadata = new UpdateMetadata(project, options);
        metadata.ReadFiles();
        var migrations = project.ConfigVersion == 1 ? new MigrationConverter(project).Convert() : null;
        var replay = migrations is null || proof is null ? null : await new UpdateProof(proof, _ => { }).RunAsync(migrations, isCompared: true, CancellationToken.None);
        var chosen = metadata.Choose(migrations, replay?.Metadata, target, isOfTarget && target is not null, "the target");
        var plan = new UpdatePlanner(project, options).Make(migrations, chosen, metadata.OldFiles);
        return (plan, [.. plan.Findings, .. metadata.Findings, .. replay?.Findings ?? []]);
    }

    /// <summary>Updates a project.</summary>
    public static async Task<(UpdatePlan Plan, IReadOnlyList<Finding> Findings)> UpdateAsync(string directory, UpdateOptions options, ProofOptions? proof, MetadataDocument? target = null)
    {
        var planned = await PlanAsync(directory, options, proof, target);
        new UpdateFiles(planned.Plan.Project, _ => { }).Replace(planned.Plan);
        return planned;
    }

    /// <summary>The files below a directory with their texts, without those of backups, by path with slashes.</summary>
    public static SortedDictionary<string, string> Files(string directory) => new(
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(f => (Path: Path.GetRelativePath(directory, f).Replace(Path.DirectorySeparatorChar, '/'), Text: File.ReadAllText(f)))
            .Where(f => !f.Path.StartsWith("backup_", StringComparison.Ordinal))
            .ToDictionary(f => f.Path, f => f.Text),
        StringComparer.Ordinal);

    /// <summary>The migrations of a project.</summary>
    public static MigrationSource Scan(string directory, string database = "default")
    {
        var project = Open(directory);
        return MigrationSource.Scan(project, project.Database(database));
    }
}
