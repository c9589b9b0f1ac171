using System.Text;

namespace HasuraMigrations.Engine.Projects;

/// <summary>The text of a project file, decoded strictly.</summary>
/// <param name="Text">The text without a byte order mark; line ends as in the file.</param>
/// <param name="HasByteOrderMark">True where the file began with one.</param>
/// <param name="ByteLength">Size of the file in bytes.</param>
public sealed record TextFile(string Text, bool HasByteOrderMark, long ByteLength)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file as UTF-8, or as UTF-16 where it has that byte order mark.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="maximumBytes">Refuse larger files; null for <see cref="Limit.FileBytes"/>.</param>
    /// <exception cref="HasuraMigrationException">FileUnreadable, FileTooLarge, FileEncodingInvalid (with the byte offset) or LimitInvalid.</exception>
    public static TextFile Read(string path, long? maximumBytes = null)
    {
        var bytes = ReadBytes(path, maximumBytes ?? Limit.FileBytes.Value);
        try
        {
            return bytes switch
            {
                [0xEF, 0xBB, 0xBF, ..] => new(StrictUtf8.GetString(bytes, 3, bytes.Length - 3), true, bytes.Length),
                [0xFF, 0xFE, ..] => new(StrictUtf16(bigEndian: false).GetString(bytes, 2, bytes.Length - 2), true, bytes.Length),
                [0xFE, 0xFF, ..] => new(StrictUtf16(bigEndian: true).GetString(bytes, 2, bytes.Length - 2), true, bytes.Length),
                _ => new(StrictUtf8.GetString(bytes), false, bytes.Length),
            };
        }
        catch (DecoderFallbackException e)
        {
            var isUtf16 = bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];
            var offset = Math.Max(0, e.Index) + (isUtf16 ? 2 : bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0);
            var line = bytes.AsSpan(0, Math.Min(offset, bytes.Length)).Count((byte)'\n') + 1;
            throw new HasuraMigrationException("FileEncodingInvalid", $"The file '{path}' is not valid UTF-{(isUtf16 ? 16 : 8)}: the byte at offset {offset} (line {line}) starts no character.", path, e)
            {
                File = path,
                Line = line,
            };
        }
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

    private static byte[] ReadBytes(string path, long maximumBytes)
    {
        try
        {
            using var handle = HeldFiles.Retry(() => RegularFile.Open(path));
            var length = RandomAccess.GetLength(handle);
            if (length > maximumBytes)
            {
                throw new HasuraMigrationException("FileTooLarge", $"The file '{path}' has {length:N0} bytes; the limit is {maximumBytes:N0}.", path) { File = path };
            }

            var bytes = new byte[length];
            for (var done = 0; done < bytes.Length;)
            {
                var read = RandomAccess.Read(handle, bytes.AsSpan(done), done);
                if (read == 0)
                {
                    return bytes[..done];
                }

                done += read;
            }

            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnreadable", $"The file '{path}' could not be read: {e.Message}", path, e) { File = path };
        }
    }

    private static UnicodeEncoding StrictUtf16(bool bigEndian) => new(bigEndian, byteOrderMark: false, throwOnInvalidBytes: true);
}
