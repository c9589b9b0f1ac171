using System.IO.Compression;
using System.Text;

namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// A text that is read more than once. A long one is kept compressed, so that a file of some hundred megabytes does not fill
/// the memory while it waits to be sent. All indexes count UTF-16 units, from 0.
/// </summary>
public sealed class SqlText
{
    /// <summary>Units of a text up to which it is kept as it is.</summary>
    internal const int LongLength = 1 << 17;

    private const int PartLength = 1 << 15;

    // The fastest level does not make the digits of hex data or base64 any shorter.
    private const CompressionLevel Compression = CompressionLevel.Optimal;

    private readonly string? _whole;
    private readonly List<Packed> _blocks = [];
    private readonly List<int> _starts = [];
    private OpenBlock? _last;

    private SqlText(string whole) => (_whole, Length) = (whole, whole.Length);

    private SqlText(IEnumerable<string> parts)
    {
        foreach (var part in parts)
        {
            _starts.Add(Length);
            _blocks.Add(Compress(part));
            Length = checked(Length + part.Length);
        }
    }

    /// <summary>Length in UTF-16 units.</summary>
    public int Length { get; }

    /// <summary>True where the text is kept compressed.</summary>
    public bool IsLong => _whole is null;

    /// <summary>A text that is at hand.</summary>
    public static SqlText Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text);
    }

    /// <summary>A text that comes in parts, none of which ends within a surrogate pair.</summary>
    /// <param name="parts">The parts, read once.</param>
    /// <exception cref="OverflowException">The text has 2 Gi units or more.</exception>
    public static SqlText Of(IEnumerable<string> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        using var rest = parts.GetEnumerator();
        var head = new List<string>();
        for (var length = 0L; length <= LongLength; length += head[^1].Length)
        {
            if (!rest.MoveNext())
            {
                return new(string.Concat(head));
            }

            head.Add(rest.Current);
        }

        return new(Rest(head, rest));
    }

    /// <summary>A part of the text, as a new string.</summary>
    public string Substring(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - start);
        return _whole is not null ? _whole.Substring(start, length) : string.Create(length, (Text: this, start), static (to, from) => from.Text.Copy(from.start, to));
    }

    /// <summary>The text from an index on in parts, none of which ends within a surrogate pair.</summary>
    public IEnumerable<string> Parts(int start = 0) => Parts(start, Length);

    /// <summary>The text between two indexes in parts, none of which ends within a surrogate pair.</summary>
    public IEnumerable<string> Parts(int start, int end)
    {
        if (_whole is not null && start == 0 && end == Length)
        {
            yield return _whole;
            yield break;
        }

        while (start < end)
        {
            var length = Math.Min(end - start, PartLength);
            var part = Substring(start, length);
            part = length > 1 && start + length < end && char.IsHighSurrogate(part[^1]) ? part[..^1] : part;
            yield return part;
            start += part.Length;
        }
    }

    /// <summary>Index of the first place of a value at or behind an index; -1 where there is none. Units are compared.</summary>
    public int IndexOf(string value, int from = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        if (_whole is not null)
        {
            return _whole.IndexOf(value, from, StringComparison.Ordinal);
        }

        var (at, carried) = (from, "");
        foreach (var part in Parts(from))
        {
            var window = carried + part;
            if (window.IndexOf(value, StringComparison.Ordinal) is >= 0 and var found)
            {
                return at - carried.Length + found;
            }

            at += part.Length;
            carried = window[Math.Max(0, window.Length - value.Length + 1)..];
        }

        return -1;
    }

    /// <summary>Whether all characters are of ASCII.</summary>
    public bool IsAscii() => Parts().All(part => Ascii.IsValid(part));

    /// <summary>The whole text.</summary>
    /// <exception cref="OutOfMemoryException">It is longer than a string can be (about 1 Gi units).</exception>
    public override string ToString() => _whole ?? Substring(0, Length);

    private static IEnumerable<string> Rest(List<string> head, IEnumerator<string> rest)
    {
        foreach (var part in head)
        {
            yield return part;
        }

        while (rest.MoveNext())
        {
            yield return rest.Current;
        }
    }

    private void Copy(int start, Span<char> to)
    {
        for (var i = to.IsEmpty ? _blocks.Count : BlockOf(start); i < _blocks.Count && !to.IsEmpty; i++)
        {
            var part = Block(i).AsSpan(Math.Max(0, start - _starts[i]));
            part = part[..Math.Min(part.Length, to.Length)];
            part.CopyTo(to);
            to = to[part.Length..];
        }
    }

    private int BlockOf(int index) => _starts.BinarySearch(index) is var found && found >= 0 ? found : ~found - 1;

    // Statements are read one after another, so the block of the last is mostly that of the next.
    private string Block(int index)
    {
        if (_last is not { } last || last.Index != index)
        {
            _last = last = new(index, Decompress(_blocks[index]));
        }

        return last.Text;
    }

    private static Packed Compress(string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        using var buffer = new MemoryStream(bytes.Length / 2);
        using (var deflate = new DeflateStream(buffer, Compression, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        return new(buffer.ToArray(), bytes.Length);
    }

    private static string Decompress(Packed block)
    {
        var bytes = new byte[block.Length];
        using var deflate = new DeflateStream(new MemoryStream(block.Bytes), CompressionMode.Decompress);
        deflate.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <param name="Bytes">The UTF-8 of a part, compressed.</param>
    /// <param name="Length">Its bytes before that.</param>
    private readonly record struct Packed(byte[] Bytes, int Length);

    private sealed record OpenBlock(int Index, string Text);
}
