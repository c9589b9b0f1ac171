using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Projects;

/// <summary>The text of a project file, decoded strictly.</summary>
/// <param name="Text">The text without a byte order mark; line ends as in the file.</param>
/// <param name="HasByteOrderMark">True where the file began with one.</param>
/// <param name="ByteLength">Size of the file in bytes.</param>
public sealed record TextFile(string Text, bool HasByteOrderMark, long ByteLength)
{
    /// <summary>Reads a file as UTF-8, or as UTF-16 where it has that byte order mark.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="maximumBytes">Refuse larger files; null for <see cref="Limit.FileBytes"/>.</param>
    /// <exception cref="HasuraMigrationException">FileUnreadable, FileTooLarge, FileEncodingInvalid (with the byte offset) or LimitInvalid.</exception>
    public static TextFile Read(string path, long? maximumBytes = null)
    {
        using var reader = maximumBytes is { } maximum ? new TextFileReader(path, maximum) : new TextFileReader(path, Limit.FileBytes);
        return new(string.Concat(reader.Parts()), reader.HasByteOrderMark, reader.ByteLength);
    }

    /// <summary>True for a file of zero bytes; that of a link is the one it leads to.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable.</exception>
    internal static bool IsEmpty(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file).Length == 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnreadable", $"The file '{path}' could not be read: {e.Message}", path, e) { File = path };
        }
    }
}
