using System.Security.Cryptography;
using System.Text;
using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>The text of one step with its checksum.</summary>
/// <param name="Content">Text as it goes to the server.</param>
/// <param name="Checksum">SHA-256 in lower-case hex over the UTF-8 text with CRLF read as LF, so that checkouts on Windows and Linux agree.</param>
/// <param name="HasByteOrderMark">True where the file began with a byte order mark.</param>
public sealed record StepText(SqlText Content, string Checksum, bool HasByteOrderMark = false)
{
    /// <summary>Units of a text up to which the history keeps it.</summary>
    internal const int KeptLength = 64 << 20;

    /// <summary>False where it is too long to be kept in the history.</summary>
    internal bool IsKept => Content.Length <= KeptLength;

    /// <summary>The whole text as one string.</summary>
    public string Text => Content.ToString();

    /// <summary>Text with its checksum.</summary>
    public static StepText Of(string text) => new(SqlText.Of(text), ChecksumOf([text]));

    /// <summary>Reads a file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="maximum">Refuse larger files; null for <see cref="Limit.SqlBytes"/>.</param>
    /// <exception cref="HasuraMigrationException">FileUnreadable, FileTooLarge, FileEncodingInvalid, LimitInvalid.</exception>
    public static StepText Read(string path, Limit? maximum = null)
    {
        using var file = new TextFileReader(path, maximum ?? Limit.SqlBytes);
        using var hash = new TextHash();
        var content = SqlText.Of(file.Parts().Select(hash.Add));
        return new StepText(content, hash.Finish(), file.HasByteOrderMark);
    }

    /// <summary>The checksum of a file, without keeping its text. Errors as of <see cref="Read"/>.</summary>
    public static string ChecksumOfFile(string path, Limit? maximum = null)
    {
        using var file = new TextFileReader(path, maximum ?? Limit.SqlBytes);
        return ChecksumOf(file.Parts());
    }

    /// <summary>The checksum of a text that comes in parts.</summary>
    internal static string ChecksumOf(IEnumerable<string> parts)
    {
        using var hash = new TextHash();
        foreach (var part in parts)
        {
            hash.Add(part);
        }

        return hash.Finish();
    }

    /// <summary>A hash that grows with a text; a carriage return counts once it is known that no line feed follows.</summary>
    private sealed class TextHash : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private bool _endsWithReturn;

        public void Dispose() => _hash.Dispose();

        public string Add(string part)
        {
            if (part.Length == 0)
            {
                return part;
            }

            var normal = _endsWithReturn ? "\r" + part : part;
            _endsWithReturn = normal[^1] == '\r';
            normal = normal.Contains('\r') ? (_endsWithReturn ? normal[..^1] : normal).Replace("\r\n", "\n", StringComparison.Ordinal) : normal;
            _hash.AppendData(Encoding.UTF8.GetBytes(normal));
            return part;
        }

        public string Finish()
        {
            if (_endsWithReturn)
            {
                _hash.AppendData("\r"u8);
            }

            return Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant();
        }
    }
}
