using System.Security.Cryptography;
using System.Text;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>The text of one step with its checksum.</summary>
/// <param name="Text">Text as it goes to the server.</param>
/// <param name="Checksum">SHA-256 in lower-case hex over the UTF-8 text with CRLF read as LF, so that checkouts on Windows and Linux agree.</param>
/// <param name="HasByteOrderMark">True where the file began with a byte order mark.</param>
public sealed record StepText(string Text, string Checksum, bool HasByteOrderMark = false)
{
    /// <summary>Text with its checksum.</summary>
    public static StepText Of(string text, bool hasByteOrderMark = false)
    {
        var normal = text.Contains('\r') ? text.Replace("\r\n", "\n", StringComparison.Ordinal) : text;
        return new StepText(text, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(normal))).ToLowerInvariant(), hasByteOrderMark);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable, FileTooLarge, FileEncodingInvalid.</exception>
    public static StepText Read(string path)
    {
        var file = TextFile.Read(path);
        return Of(file.Text, file.HasByteOrderMark);
    }
}
