using System.Globalization;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Updating;

/// <summary>
/// Replaces the files of a project, so that a stop at any point leaves what a second call completes. The new texts are first written
/// into a directory of the project, while which no command opens the project; then the old files are copied to the backup; then each
/// file is written, moved or removed, config.yaml last.
/// </summary>
/// <param name="project">The project.</param>
/// <param name="inform">Is told of each step before it is done.</param>
public sealed class UpdateFiles(HasuraProject project, Action<string> inform)
{
    private readonly string _root = project.Directory;

    /// <summary>Replaces the files of a plan.</summary>
    /// <exception cref="HasuraMigrationException">UpdateFilesChanged, FileUnwritable, FileUnreadable.</exception>
    public void Replace(UpdatePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using var turn = WriterTurn.Take(project.MigrationsDirectory, MigrationWriter.LockFile);
        var manifest = UpdateManifest.Of(plan);
        foreach (var change in manifest.Files)
        {
            RequireOriginal(change, null);
        }

        var staging = UpdatePlaces.StagingOf(_root, manifest.From, manifest.To);
        inform($"Writing {plan.Written.Count} files beside the project's own.");
        FileReplacement.CreateWhole(staging, temporary =>
        {
            foreach (var (change, i) in plan.Changes.Select((c, i) => (c, i)).Where(c => c.c.Kind == FileChangeKind.Write))
            {
                WholeFile.WriteNew(Path.Combine(temporary, NameOf(i)), change.Text!);
            }

            WholeFile.WriteNew(Path.Combine(temporary, UpdatePlaces.ManifestFile), manifest.ToText(_root));
        });
        Finish(staging, manifest);
    }

    /// <summary>Completes what an earlier call left unfinished.</summary>
    /// <param name="staging">Its directory, of <see cref="UpdatePlaces.FindUnfinished"/>.</param>
    /// <returns>What it changes.</returns>
    /// <exception cref="HasuraMigrationException">UpdateFilesChanged, UpdateManifestInvalid, FileUnwritable, FileUnreadable.</exception>
    public UpdateManifest Complete(string staging)
    {
        using var turn = WriterTurn.Take(project.MigrationsDirectory, MigrationWriter.LockFile);
        var manifest = ReadUnfinished(staging);
        Finish(staging, manifest);
        return manifest;
    }

    /// <summary>What an unfinished update changes.</summary>
    /// <param name="staging">Its directory, of <see cref="UpdatePlaces.FindUnfinished"/>.</param>
    /// <exception cref="HasuraMigrationException">UpdateManifestInvalid, FileUnreadable.</exception>
    public UpdateManifest ReadUnfinished(string staging) => UpdateManifest.Read(Path.Combine(staging, UpdatePlaces.ManifestFile), _root);

    private static string NameOf(int index) => index.ToString("D6", CultureInfo.InvariantCulture);

    private void Finish(string staging, UpdateManifest manifest)
    {
        var changes = manifest.Files.Select((c, i) => c.Kind == FileChangeKind.Write ? c with { Text = TextFile.Read(Path.Combine(staging, NameOf(i))).Text } : c).ToList();
        if (!File.Exists(Path.Combine(manifest.Backup, UpdatePlaces.ManifestFile)))
        {
            BackUp(manifest, changes, staging);
        }

        inform($"Replacing {changes.Count} files.");
        var moved = changes.Where(c => c.Kind == FileChangeKind.Move).ToDictionary(c => c.From!, c => c.Path, StringComparer.Ordinal);
        changes.ForEach(c => Apply(c, moved, staging));
        foreach (var change in changes.Where(c => c.Kind != FileChangeKind.Write))
        {
            FileReplacement.RemoveEmpty(Path.GetDirectoryName(change.Original)!, RootOf(change.Original));
        }

        FileReplacement.Guard(staging, () => HeldFiles.Retry(() => Directory.Delete(staging, recursive: true)));
        inform("The files are in place.");
    }

    private void BackUp(UpdateManifest manifest, List<FileChange> changes, string staging)
    {
        inform($"Copying the files that change to '{manifest.Backup}'.");
        foreach (var change in changes.Where(c => c.Hash is not null))
        {
            RequireOriginal(change, staging);
            // A link to a directory, or to nothing, has no contents of its own.
            if (!File.Exists(change.Original))
            {
                continue;
            }

            FileReplacement.Guard(manifest.Backup, () => FileReplacement.Copy(change.Original, PlaceIn(manifest.Backup, change.Original)));
        }

        Directory.CreateDirectory(manifest.Backup);
        WholeFile.Write(Path.Combine(manifest.Backup, UpdatePlaces.ManifestFile), manifest.ToText(_root), mayReplace: true);
    }

    // A file outside the project keeps its whole path.
    private string PlaceIn(string backup, string path) => Path.Combine(backup, ProjectPaths.IsInside(path, _root)
        ? Path.GetRelativePath(_root, path)
        : Path.Combine("outside", path[Path.GetPathRoot(path)!.Length..]));

    private void Apply(FileChange change, Dictionary<string, string> moved, string staging)
    {
        switch (change.Kind)
        {
            case FileChangeKind.Write when !IsWritten(change):
                RequireOriginal(change, staging);
                WholeFile.Write(change.Path, change.Text!, mayReplace: true);
                break;
            case FileChangeKind.Move when FileReplacement.Exists(change.From!):
                RequireOriginal(change, staging);
                FileReplacement.Guard(change.Path, () => HeldFiles.Retry(() => Move(change, moved)));
                break;
            case FileChangeKind.Move when !FileReplacement.Exists(change.Path):
                throw Changed(change.From!, "is gone", staging);
            case FileChangeKind.Delete when FileReplacement.Exists(change.Path):
                RequireOriginal(change, staging);
                FileReplacement.Guard(change.Path, () => HeldFiles.Retry(() => File.Delete(change.Path)));
                break;
        }
    }

    private static bool IsWritten(FileChange change) => File.Exists(change.Path) && FileReplacement.HashOf(change.Path) == FileReplacement.HashOfText(change.Text!);

    private static void Move(FileChange change, Dictionary<string, string> moved)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(change.Path)!);
        var isDirectory = Directory.Exists(change.From);
        if (new FileInfo(change.From!).LinkTarget is not { } target || Path.IsPathRooted(target))
        {
            (isDirectory ? (Action<string, string>)Directory.Move : File.Move)(change.From!, change.Path);
            return;
        }

        // A relative link is relative to its new place, and so may be the file that it leads to.
        var end = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(change.From)!, target));
        var link = Path.GetRelativePath(Path.GetDirectoryName(change.Path)!, moved.GetValueOrDefault(end, end));
        if (!FileReplacement.Exists(change.Path))
        {
            _ = isDirectory ? Directory.CreateSymbolicLink(change.Path, link) : File.CreateSymbolicLink(change.Path, link);
        }

        (isDirectory ? (Action<string>)Directory.Delete : File.Delete)(change.From!);
    }

    private static void RequireOriginal(FileChange change, string? staging)
    {
        if (change.Kind == FileChangeKind.Move && FileReplacement.Exists(change.Path) && FileReplacement.Exists(change.From!) && new FileInfo(change.Path).LinkTarget is null)
        {
            throw Changed(change.Path, "was created", staging);
        }

        if (change.Hash is null ? change.Kind == FileChangeKind.Write && FileReplacement.Exists(change.Path) : FileReplacement.Exists(change.Original) && change.HashNow() != change.Hash)
        {
            throw Changed(change.Original, change.Hash is null ? "was created" : "changed", staging);
        }
    }

    private string RootOf(string path) =>
        new[] { project.MigrationsDirectory, project.SeedsDirectory }.FirstOrDefault(d => ProjectPaths.IsInside(path, d)) ?? _root;

    private static HasuraMigrationException Changed(string path, string what, string? staging) =>
        new("UpdateFilesChanged", $"The file '{path}' {what} since the update began.", path)
        {
            File = path,
            RecommendedAction = staging is null ? "Run the command again." : $"Restore the file. To give the update up instead, restore the files of the backup and delete the directory '{staging}'.",
        };
}
