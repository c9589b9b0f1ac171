using System.Text;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Writes files that others read, under a name of their own first: what is there under its real name is whole.</summary>
public static class WholeFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a file, or replaces it as a whole; a link stays a link, and a file keeps its mode.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="text">The content.</param>
    /// <param name="mayReplace">False where a file that is there has to stay.</param>
    /// <exception cref="HasuraMigrationException">FileUnwritable.</exception>
    public static void Write(string path, string text, bool mayReplace)
    {
        string? temporary = null;
        try
        {
            var real = new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path : path;
            if (File.Exists(real) || Directory.Exists(real))
            {
                RegularFile.Require(real);
            }

            temporary = WriteBeside(real, text);
            HeldFiles.Retry(() => File.Move(temporary, real, mayReplace));
            temporary = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnwritable", $"The file '{path}' could not be written: {e.Message}", path, e) { File = path };
        }
        finally
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }
        }
    }

    /// <summary>Writes a file beside the place where it belongs, with the mode of the one that is there.</summary>
    /// <param name="path">Full path of the place, with links followed.</param>
    /// <param name="text">The content.</param>
    /// <returns>The path; the caller moves it to its place, or deletes it.</returns>
    /// <exception cref="IOException">The disk is full, ...</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    internal static string WriteBeside(string path, string text)
    {
        var directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory);
        var temporary = Path.Combine(directory, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            WriteNew(temporary, text);
            // A new file has the mode that the process gives to new files.
            if (!OperatingSystem.IsWindows() && File.Exists(path))
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(path));
            }

            return temporary;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes a file that does not exist, in UTF-8, and has the system store it before it returns.</summary>
    /// <param name="path">Full path; the caller moves it to its place, or deletes it where this fails.</param>
    /// <param name="text">The content.</param>
    /// <exception cref="IOException">It exists, the disk is full, ...</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    internal static void WriteNew(string path, string text)
    {
        using var stream = HeldFiles.Retry(() => new FileStream(path, FileMode.CreateNew, FileAccess.Write));
        stream.Write(Utf8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>The error for a file or directory that could not be written.</summary>
    internal static HasuraMigrationException Unwritable(string path, Exception e) =>
        new("FileUnwritable", $"'{path}' could not be written: {e.Message}", path, e) { File = path };
}
