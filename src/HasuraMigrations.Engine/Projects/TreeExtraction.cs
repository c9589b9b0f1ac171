using System.Formats.Tar;

namespace HasuraMigrations.Engine.Projects;

/// <summary>
/// Lays the archive of a git tree out. What this file system cannot hold is left out with a finding: of two names that it
/// takes for one the second, and links where links may not be made, unless what they lead to can be copied.
/// </summary>
internal sealed class TreeExtraction
{
    private readonly string _root;
    private readonly List<(string Path, string Target)> _links = [];
    private readonly List<Finding> _findings = [];

    private TreeExtraction(string root) => _root = root;

    /// <summary>Extracts an archive into an empty directory.</summary>
    /// <returns>What was left out.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="InvalidDataException">It is no archive.</exception>
    internal static async Task<IReadOnlyList<Finding>> ExtractAsync(string archive, string root, CancellationToken cancellationToken)
    {
        var extraction = new TreeExtraction(root);
        var stream = File.OpenRead(archive);
        await using (stream.ConfigureAwait(false))
        {
            var reader = new TarReader(stream);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.GetNextEntryAsync(copyData: false, cancellationToken).ConfigureAwait(false) is { } entry)
                {
                    await extraction.TakeAsync(entry, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        extraction.MakeLinks();
        return extraction._findings;
    }

    private async Task TakeAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        var path = ProjectPaths.Full(Path.Combine(_root, entry.Name));
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes or TarEntryType.ExtendedAttributes || path == _root)
        {
            return;
        }

        if (!ProjectPaths.IsInside(path, _root))
        {
            Skip(path, "its name is a path outside the project");
        }
        else if (entry.EntryType == TarEntryType.Directory)
        {
            Directory.CreateDirectory(path);
        }
        else if (entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink)
        {
            _links.Add((path, entry.LinkName));
        }
        else if (Path.Exists(path))
        {
            Skip(path, "its name is that of another file on this file system");
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await entry.ExtractToFileAsync(path, overwrite: false, cancellationToken).ConfigureAwait(false);
        }
    }

    // Last, so that no file of the archive is written through one of them.
    private void MakeLinks()
    {
        foreach (var (path, target) in _links)
        {
            var end = ProjectPaths.Full(Path.Combine(Path.GetDirectoryName(path)!, target));
            if (Path.IsPathRooted(target) || !ProjectPaths.IsInside(end, _root))
            {
                Skip(path, "it is a link to a place outside the project");
            }
            else if (Path.Exists(path))
            {
                Skip(path, "its name is that of another file on this file system");
            }
            else if (!TryLink(path, target, end))
            {
                Skip(path, "it is a link, and this user may not create links");
            }
        }
    }

    private static bool TryLink(string path, string target, string end)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            _ = Directory.Exists(end) ? Directory.CreateSymbolicLink(path, target) : File.CreateSymbolicLink(path, target);
            return true;
        }
        // Windows lets few users make links; a copy reads the same.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && File.Exists(end))
        {
            File.Copy(end, path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Skip(string path, string why) => _findings.Add(new Finding
    {
        Id = "RevisionFileIgnored",
        Severity = FindingSeverity.Warning,
        Message = $"The file is not read: {why}.",
        File = path,
    });
}
