using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Squashing;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Squashes of test projects.</summary>
internal static class Squashes
{
    /// <summary>Plans the squash of a range.</summary>
    public static SquashPlan Plan(this TestProject project, long from, long? to = null, string name = "sq", bool allowEmptyDown = true, SquashVersion keep = SquashVersion.Last)
    {
        var open = project.Open();
        var database = open.Database("default");
        return new SquashPlanner(database, MigrationSource.Scan(open, database), new SquashOptions(from, to, name) { AllowEmptyDown = allowEmptyDown, KeepVersion = keep }, TimeProvider.System).Make();
    }

    /// <summary>Adds a YAML step to a migration; a comment is its first line.</summary>
    public static TestProject Yaml(this TestProject project, long version, string direction, params string[] actions) =>
        project.Write(Path.Combine(project.Migrations, $"{version}_m", $"{direction}.yaml"), $"# actions\n{string.Concat(actions.Select(a => $"- {a}\n"))}");

    /// <summary>The work on its files.</summary>
    /// <param name="project">The project.</param>
    /// <param name="inform">Is told of each step before it is done; null for nobody.</param>
    public static SquashFiles SquashFiles(this TestProject project, Action<string>? inform = null)
    {
        var open = project.Open();
        return new SquashFiles(open, open.Database("default"), inform ?? (_ => { }));
    }

    /// <summary>Where the files of a range go.</summary>
    public static string Backup(this TestProject project, SquashPlan plan) => SquashPlaces.BackupOf(project.Open().Database("default"), plan.Versions[0], plan.Versions[^1]);

    /// <summary>The text of a step; null where there is none.</summary>
    public static string? Text(this SourceMigration migration, MigrationStepKind kind) => migration.Steps.FirstOrDefault(s => s.Kind == kind)?.Text.Text;

    /// <summary>The lines of a text without comments and empty lines, joined.</summary>
    public static string Bare(string? text) => string.Join('\n', (text ?? "").Split('\n').Where(l => l.Trim().Length > 0 && !l.StartsWith("--", StringComparison.Ordinal) && !l.StartsWith('#')));
}
