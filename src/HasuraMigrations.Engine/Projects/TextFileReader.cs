using System.Text;
using HasuraMigrations.Engine.Processes;
using Microsoft.Win32.SafeHandles;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Reads a text file in parts and decodes it strictly: UTF-8, or UTF-16 where it has that byte order mark.</summary>
internal sealed class TextFileReader : IDisposable
{
    // Small enough that neither bytes nor text count as large objects, which are collected late.
    private const int Chunk = 1 << 15;
    private const int BigEndian = 1201;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly Encoding _encoding = StrictUtf8;
    private readonly byte[] _bytes;
    private long _from;
    private int _held;
    private int _line = 1;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="maximum">Refuse larger files.</param>
    /// <exception cref="HasuraMigrationException">FileUnreadable, FileTooLarge or LimitInvalid.</exception>
    internal TextFileReader(string path, Limit maximum)
        : this(path, maximum.Value, $"; the environment variable {maximum.Variable} sets it")
    {
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="maximumBytes">Refuse larger files.</param>
    /// <param name="whence">Where that comes from, for the message.</param>
    /// <exception cref="HasuraMigrationException">FileUnreadable or FileTooLarge.</exception>
    internal TextFileReader(string path, long maximumBytes, string whence = "")
    {
        _path = path;
        try
        {
            _handle = HeldFiles.Retry(() => RegularFile.Open(path));
            ByteLength = RandomAccess.GetLength(_handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }

        if (ByteLength > maximumBytes)
        {
            _handle.Dispose();
            throw new HasuraMigrationException("FileTooLarge", $"The file '{path}' has {ByteLength:N0} bytes; the limit is {maximumBytes:N0}{whence}.", path) { File = path };
        }

        _bytes = new byte[Math.Min(Chunk, ByteLength)];
        Fill();
        (_encoding, var mark) = _bytes.AsSpan(0, _held) switch
        {
            [0xEF, 0xBB, 0xBF, ..] => ((Encoding)StrictUtf8, 3),
            [0xFF, 0xFE, ..] => (StrictUtf16(bigEndian: false), 2),
            [0xFE, 0xFF, ..] => (StrictUtf16(bigEndian: true), 2),
            _ => (StrictUtf8, 0),
        };
        HasByteOrderMark = mark > 0;
        Drop(mark);
    }

    /// <summary>True where the file begins with one. It is not part of the text.</summary>
    internal bool HasByteOrderMark { get; }

    /// <summary>Size of the file in bytes.</summary>
    internal long ByteLength { get; }

    /// <summary>The text, once; no part ends within a character.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable or FileEncodingInvalid (with the byte offset).</exception>
    internal IEnumerable<string> Parts()
    {
        while (true)
        {
            Fill();
            var length = _held < _bytes.Length ? _held : WholeCharacters();
            if (length == 0)
            {
                yield break;
            }

            var text = Decode(length);
            _line += _bytes.AsSpan(0, length).Count((byte)'\n');
            Drop(length);
            yield return text;
        }
    }

    public void Dispose() => _handle.Dispose();

    private static UnicodeEncoding StrictUtf16(bool bigEndian) => new(bigEndian, byteOrderMark: false, throwOnInvalidBytes: true);

    private string Decode(int length)
    {
        try
        {
            return _encoding.GetString(_bytes, 0, length);
        }
        catch (DecoderFallbackException e)
        {
            var at = Math.Clamp(e.Index, 0, length);
            var line = _line + _bytes.AsSpan(0, at).Count((byte)'\n');
            throw new HasuraMigrationException("FileEncodingInvalid", $"The file '{_path}' is not valid UTF-{(_encoding is UnicodeEncoding ? 16 : 8)}: the byte at offset {_from + at} (line {line}) is not valid.", _path, e)
            {
                File = _path,
                Line = line,
            };
        }
    }

    // The last character of a full buffer may go on behind it.
    private int WholeCharacters()
    {
        var at = _held;
        if (at == 0)
        {
            return 0;
        }

        if (_encoding is UnicodeEncoding)
        {
            at -= at % 2;
            var high = at < 4 ? (byte)0 : _encoding.CodePage == BigEndian ? _bytes[at - 2] : _bytes[at - 1];
            return high is >= 0xD8 and < 0xDC ? at - 2 : at;
        }

        var back = 1;
        while (back < 4 && back < at && (_bytes[at - back] & 0xC0) == 0x80)
        {
            back++;
        }

        return _bytes[at - back] >= 0xC0 && back < at ? at - back : at;
    }

    private void Drop(int length)
    {
        Array.Copy(_bytes, length, _bytes, 0, _held - length);
        _held -= length;
        _from += length;
    }

    private void Fill()
    {
        try
        {
            while (_held < _bytes.Length && RandomAccess.Read(_handle, _bytes.AsSpan(_held), _from + _held) is > 0 and var read)
            {
                _held += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    private HasuraMigrationException Unreadable(Exception e) =>
        new("FileUnreadable", $"The file '{_path}' could not be read: {e.Message}", _path, e) { File = _path };
}
