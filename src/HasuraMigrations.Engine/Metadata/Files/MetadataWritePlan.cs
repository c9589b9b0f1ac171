using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>One file of a plan.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Kind">What happens.</param>
/// <param name="Text">The text to write; null for a file that is left alone or deleted.</param>
public sealed record MetadataFileChange(string Path, MetadataFileChangeKind Kind, string? Text = null)
{
    private readonly string? _text = Text;
    private readonly Func<string>? _write;

    /// <summary>A new file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="write">Makes its text, each time that it is asked for; many texts are much to hold.</param>
    internal MetadataFileChange(string path, Func<string> write)
        : this(path, MetadataFileChangeKind.Added) => _write = write;

    /// <summary>The text to write; null for a file that is left alone or deleted.</summary>
    public string? Text => _write is null ? _text : _write();
}

/// <summary>The files a document takes, and what happens to each.</summary>
public sealed class MetadataWritePlan
{
    private readonly string _root;
    private readonly Lazy<string> _realRoot;

    /// <exception cref="HasuraMigrationException">PathOutsideProject; told before the first file is written.</exception>
    internal MetadataWritePlan(string root, IReadOnlyList<MetadataFileChange> changes)
    {
        _root = root;
        _realRoot = new Lazy<string>(() => ProjectPaths.Real(root));
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
    /// <exception cref="HasuraMigrationException">FileUnwritable, PathOutsideProject.</exception>
    public void Apply()
    {
        foreach (var _ in Apply(_ => true))
        {
        }
    }

    /// <summary>Writes and deletes files while their changes are taken; each is in its place when it is given.</summary>
    /// <param name="filter">Asked for each file that would be written or deleted.</param>
    /// <exception cref="HasuraMigrationException">FileUnwritable, PathOutsideProject.</exception>
    public IEnumerable<MetadataFileChange> Apply(Func<MetadataFileChange, bool> filter)
    {
        // To store a file on a disk is mostly to wait for it, so several are stored at once; they come to their places in order.
        foreach (var staged in WorkAhead.Select(Changes.Where(c => c.Kind != MetadataFileChangeKind.Unchanged && filter(c)), WorkAhead.Waiting, c => StagedFile.Of(c, RealPath(c.Path))))
        {
            using (staged)
            {
                yield return staged.Apply();
            }
        }
    }

    // A link inside the directory is followed, so that it stays a link; one that leads out is refused.
    private string RealPath(string path)
    {
        var real = ProjectPaths.Real(path);
        return ProjectPaths.IsInside(real, _realRoot.Value)
            ? real
            : throw Outside(path);
    }

    private HasuraMigrationException Outside(string path) =>
        new("PathOutsideProject", $"The file '{path}' is outside '{_root}'.", path) { File = path };
}
