using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Updating;

/// <summary>
/// What an update changes, as a file: beside the new files until they are in place, then in the backup, where it tells other
/// databases which records belong to which files.
/// </summary>
/// <param name="From">Config version before.</param>
/// <param name="To">Config version after.</param>
/// <param name="Database">Source name of the database after.</param>
/// <param name="Backup">Full path of the backup.</param>
/// <param name="Versions">Versions whose files were replaced.</param>
public sealed record UpdateManifest(int From, int To, string Database, string Backup, IReadOnlyList<VersionChange> Versions)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The files, in the order in which they change.</summary>
    internal IReadOnlyList<FileChange> Files { get; private init; } = [];

    /// <summary>Migrations whose YAML steps were replaced.</summary>
    public IReadOnlyList<UpdatedMigration> Migrations { get; private init; } = [];

    /// <summary>Full paths of the files that were written.</summary>
    public IReadOnlyList<string> Written => [.. Files.Where(c => c.Kind == FileChangeKind.Write).Select(c => c.Path)];

    /// <summary>Files that were moved.</summary>
    public IReadOnlyList<ProjectFileMove> Moved => [.. Files.Where(c => c.Kind == FileChangeKind.Move).Select(c => new ProjectFileMove(c.From!, c.Path))];

    /// <summary>Full paths of the files that were removed.</summary>
    public IReadOnlyList<string> Removed => [.. Files.Where(c => c.Kind == FileChangeKind.Delete).Select(c => c.Path)];

    /// <summary>The manifest of a plan.</summary>
    internal static UpdateManifest Of(UpdatePlan plan) =>
        new(plan.Project.ConfigVersion, plan.Options.ToVersion, plan.Options.Database, plan.Backup, plan.Versions) { Files = plan.Changes, Migrations = plan.Migrations };

    /// <summary>The manifests in the backups of a project, the oldest update first.</summary>
    /// <param name="project">The project.</param>
    /// <param name="backup">Full path of one backup; null for the usual ones.</param>
    /// <exception cref="HasuraMigrationException">UpdateManifestInvalid, FileUnreadable.</exception>
    public static IReadOnlyList<UpdateManifest> Find(HasuraProject project, string? backup)
    {
        ArgumentNullException.ThrowIfNull(project);
        var places = backup is not null ? [backup] : new[] { 1, 2 }.Select(from => UpdatePlaces.BackupOf(project.Directory, from));
        return [.. places.Select(p => Path.Combine(p, UpdatePlaces.ManifestFile)).Where(ProjectPaths.FileExists).Select(p => Read(p, project.Directory)).Where(m => m.To <= project.ConfigVersion).OrderBy(m => m.From)];
    }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="HasuraMigrationException">UpdateManifestInvalid, FileUnreadable.</exception>
    internal static UpdateManifest Read(string path, string root)
    {
        try
        {
            var node = JsonNode.Parse(TextFile.Read(path).Text)!;
            return new UpdateManifest((int)node["from"]!, (int)node["to"]!, node["database"].AsText()!, Full(root, node["backup"].AsText()!), [.. node["versions"].AsObjects().Select(Version)])
            {
                Files = [.. node["files"].AsObjects().Select(f => FileOf(f, root))],
                Migrations = [.. node["migrations"].AsObjects().Select(Migration)],
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException or FormatException)
        {
            throw new HasuraMigrationException("UpdateManifestInvalid", $"The file '{path}' is not one that Update-HasuraProject wrote: {e.Message}", path, e) { File = path };
        }
    }

    /// <summary>The text of the file.</summary>
    /// <param name="root">Full path of the project; paths below it are written relative to it, so that the project can be moved.</param>
    internal string ToText(string root) => new JsonObject
    {
        ["from"] = From,
        ["to"] = To,
        ["database"] = Database,
        ["backup"] = Relative(root, Backup),
        ["migrations"] = new JsonArray([.. Migrations.Select(m => new JsonObject { ["version"] = m.Version, ["name"] = m.Name, ["removed"] = m.IsRemoved, ["statements"] = m.Statements, ["actions"] = m.Actions })]),
        ["versions"] = new JsonArray([.. Versions.Select(v => new JsonObject { ["version"] = v.Version, ["name"] = v.Name, ["old"] = Texts(v.Old), ["new"] = v.New is null ? null : Texts(v.New) })]),
        ["files"] = new JsonArray([.. Files.Select(f => FileNode(f, root))]),
    }.ToJsonString(Indented) + "\n";

    private static JsonObject FileNode(FileChange file, string root)
    {
        var node = new JsonObject { ["change"] = file.Kind.ToString().ToLowerInvariant(), ["path"] = Relative(root, file.Path) };
        if (file.From is not null)
        {
            node["from"] = Relative(root, file.From);
        }

        if (file.Hash is not null)
        {
            node["sha256"] = file.Hash;
        }

        return node;
    }

    private static FileChange FileOf(JsonObject node, string root) => new(Enum.Parse<FileChangeKind>(node["change"].AsText()!, ignoreCase: true), Full(root, node["path"].AsText()!))
    {
        From = node["from"].AsText() is { } from ? Full(root, from) : null,
        Hash = node["sha256"].AsText(),
    };

    private static VersionChange Version(JsonObject node) => new((long)node["version"]!, node["name"].AsText()!, Texts(node["old"])!, Texts(node["new"]));

    private static UpdatedMigration Migration(JsonObject node) => new()
    {
        Version = (long)node["version"]!,
        Name = node["name"].AsText()!,
        IsRemoved = (bool)node["removed"]!,
        Statements = (int)node["statements"]!,
        Actions = (int)node["actions"]!,
    };

    private static JsonObject Texts(IReadOnlyDictionary<string, string> texts) => new(texts.Select(t => KeyValuePair.Create<string, JsonNode?>(t.Key, t.Value)));

    private static Dictionary<string, string>? Texts(JsonNode? node) => (node as JsonObject)?.ToDictionary(t => t.Key, t => t.Value.AsText()!, StringComparer.Ordinal);

    private static string Relative(string root, string path) =>
        ProjectPaths.IsInside(path, root) ? Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/') : path;

    private static string Full(string root, string path) => ProjectPaths.Full(Path.Combine(root, path));
}
