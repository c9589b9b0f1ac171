using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>One file of a plan.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Kind">What happens.</param>
/// <param name="Text">The text to write; null for a file that is left alone or deleted.</param>
public sealed record MetadataFileChange(string Path, MetadataFileChangeKind Kind, string? Text = null);

/// <summary>The files a document takes, and what happens to each.</summary>
public sealed class MetadataWritePlan
{
    private readonly string _root;

    /// <exception cref="HasuraMigrationException">PathOutsideProject; told before the first file is written.</exception>
    internal MetadataWritePlan(string root, IReadOnlyList<MetadataFileChange> changes)
    {
        _root = root;
        // A file system that ignores case would delete what was written under the other spelling.
        var kept = changes.Where(c => c.Kind != MetadataFileChangeKind.Deleted).Select(c => c.Path).ToHashSet(FileNames.Cautious);
        changes = [.. changes.Where(c => c.Kind != MetadataFileChangeKind.Deleted || !kept.Contains(c.Path))];
        Changes = changes;
        Findings = [.. changes.Where(c => c.Kind == MetadataFileChangeKind.Added && c.Path.Length > FileNames.MaximumPath).Take(1).Select(c => PathFindings.TooLong(c.Path))];
        var guard = new DirectoryGuard(root);
        if (changes.FirstOrDefault(c => c.Kind != MetadataFileChangeKind.Unchanged && !guard.IsInside(c.Path)) is { } outside)
        {
            throw Outside(outside.Path);
        }
    }

    /// <summary>Every file, in the order in which they are written; deletions last.</summary>
    public IReadOnlyList<MetadataFileChange> Changes { get; }

    /// <summary>What is odd about the files.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Writes and deletes.</summary>
    /// <param name="filter">Asked for each file that would be written or deleted; null does all.</param>
    /// <exception cref="HasuraMigrationException">FileUnwritable, PathOutsideProject.</exception>
    public void Apply(Func<MetadataFileChange, bool>? filter = null)
    {
        foreach (var change in Changes.Where(c => filter is null || filter(c)))
        {
            Apply(change);
        }
    }

    /// <summary>Writes or deletes one file of the plan.</summary>
    /// <exception cref="HasuraMigrationException">FileUnwritable, PathOutsideProject.</exception>
    public void Apply(MetadataFileChange change)
    {
        try
        {
            if (change.Kind != MetadataFileChangeKind.Unchanged)
            {
                Write(change);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnwritable", $"The file '{change.Path}' could not be written: {e.Message}", change.Path, e) { File = change.Path };
        }
    }

    private void Write(MetadataFileChange change)
    {
        var path = RealPath(change.Path);
        if (change.Kind == MetadataFileChangeKind.Deleted)
        {
            HeldFiles.Retry(() => File.Delete(change.Path));
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            WholeFile.WriteNew(temporary, change.Text!);
            // A new file has the mode that the process gives to new files.
            if (!OperatingSystem.IsWindows() && File.Exists(path))
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(path));
            }

            HeldFiles.Retry(() => File.Move(temporary, path, overwrite: true));
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // A link inside the directory is followed, so that it stays a link; one that leads out is refused.
    private string RealPath(string path)
    {
        var real = ProjectPaths.Real(path);
        return ProjectPaths.IsInside(real, ProjectPaths.Real(_root))
            ? real
            : throw Outside(path);
    }

    private HasuraMigrationException Outside(string path) =>
        new("PathOutsideProject", $"The file '{path}' is outside '{_root}'.", path) { File = path };
}
