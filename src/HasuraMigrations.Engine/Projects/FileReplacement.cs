using System.Security.Cryptography;
using System.Text;

namespace HasuraMigrations.Engine.Projects;

/// <summary>
/// What replacing several files needs, so that a stop at any point leaves what a second call completes: a directory that appears
/// whole, copies that are stored before an original goes, and directories that go when they are empty.
/// </summary>
internal static class FileReplacement
{
    /// <summary>Makes a directory under another name and then gives it its own, so that it is there with all its contents or not at all.</summary>
    /// <param name="path">Full path; it does not exist.</param>
    /// <param name="fill">Writes its contents, given the full path of the time being.</param>
    /// <exception cref="HasuraMigrationException">FileUnwritable.</exception>
    internal static void CreateWhole(string path, Action<string> fill)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".new-{Guid.NewGuid():N}");
        Guard(path, () =>
        {
            try
            {
                fill(Directory.CreateDirectory(temporary).FullName);
                HeldFiles.Retry(() => Directory.Move(temporary, path));
            }
            finally
            {
                if (Directory.Exists(temporary))
                {
                    Directory.Delete(temporary, recursive: true);
                }
            }
        });
    }

    /// <summary>Copies a file, over what an interrupted call may have left of it, and has the system store the copy before it returns.</summary>
    /// <exception cref="IOException">The disk is full, ...</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    internal static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        using var source = HeldFiles.Retry(() => File.OpenRead(from));
        using var target = HeldFiles.Retry(() => new FileStream(to, FileMode.Create, FileAccess.Write));
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }

    /// <summary>SHA-256 of the bytes of a file, in lower-case hex; that of a link is the one it leads to.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable.</exception>
    internal static string HashOf(string path)
    {
        try
        {
            using var stream = HeldFiles.Retry(() => File.OpenRead(path));
            return Convert.ToHexString(SHA256.HashData(stream)).ToLowerInvariant();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnreadable", $"The file '{path}' could not be read: {e.Message}", path, e) { File = path };
        }
    }

    /// <summary>As <see cref="HashOf"/>; of a link, the place that it leads to counts, and not what is there.</summary>
    internal static string HashOfEntry(string path) => new FileInfo(path).LinkTarget is { } target ? HashOfText($"link to {target}") : HashOf(path);

    /// <summary>True for something that is there, also for a link that leads nowhere.</summary>
    internal static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>As <see cref="HashOf"/>, of a file that this module writes with a text.</summary>
    internal static string HashOfText(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))).ToLowerInvariant();

    /// <summary>Removes a directory, and those above it up to a root, as long as they are empty.</summary>
    /// <exception cref="HasuraMigrationException">FileUnwritable, FileUnreadable.</exception>
    internal static void RemoveEmpty(string directory, string root)
    {
        for (var current = new DirectoryInfo(directory); current.FullName != root && ProjectPaths.IsInside(current.FullName, root); current = current.Parent!)
        {
            if (current.Exists && (current.LinkTarget is not null || ProjectPaths.Entries(current).Count > 0))
            {
                return;
            }

            if (current.Exists)
            {
                Guard(current.FullName, () => HeldFiles.Retry(() => Directory.Delete(current.FullName)));
            }
        }
    }

    /// <summary>Does work on a path; what the system refuses becomes an error.</summary>
    /// <exception cref="HasuraMigrationException">FileUnwritable.</exception>
    internal static void Guard(string path, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Unwritable(path, e);
        }
    }
}
