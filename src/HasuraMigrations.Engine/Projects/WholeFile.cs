using System.Text;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Writes files that others read, under a name of their own first: what is there under its real name is whole.</summary>
internal static class WholeFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

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
