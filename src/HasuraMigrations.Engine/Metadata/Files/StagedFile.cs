using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>One file of a plan that is stored on the disk under another name, or is to be deleted.</summary>
internal sealed class StagedFile : IDisposable
{
    private readonly string _path;
    private string? _temporary;

    private StagedFile(MetadataFileChange change, string path, string? temporary) => (Change, _path, _temporary) = (change, path, temporary);

    /// <summary>What happens to the file.</summary>
    internal MetadataFileChange Change { get; }

    /// <summary>Stores the text of a file beside its place.</summary>
    /// <param name="change">The file.</param>
    /// <param name="path">Its path with links followed, so that a link stays a link.</param>
    /// <exception cref="HasuraMigrationException">FileUnwritable.</exception>
    internal static StagedFile Of(MetadataFileChange change, string path) => Try(change, () =>
    {
        if (change.Kind == MetadataFileChangeKind.Deleted)
        {
            return new StagedFile(change, path, temporary: null);
        }

        return new StagedFile(change, path, WholeFile.WriteBeside(path, change.Text!));
    });

    /// <summary>Puts the file in its place, or deletes it.</summary>
    /// <exception cref="HasuraMigrationException">FileUnwritable.</exception>
    internal MetadataFileChange Apply() => Try(Change, () =>
    {
        HeldFiles.Retry(() =>
        {
            if (_temporary is null)
            {
                File.Delete(Change.Path);
            }
            else
            {
                File.Move(_temporary, _path, overwrite: true);
            }
        });
        _temporary = null;
        return Change;
    });

    /// <summary>Leaves nothing of a file that has not come to its place.</summary>
    public void Dispose()
    {
        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }
    }

    private static T Try<T>(MetadataFileChange change, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnwritable", $"The file '{change.Path}' could not be written: {e.Message}", change.Path, e) { File = change.Path };
        }
    }
}
