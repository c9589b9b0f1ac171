using System.Buffers;
using YamlDotNet.Core;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>The lines of a YAML text that have content, and what stands in one.</summary>
internal sealed class PlainYamlLines(string text)
{
    // Signs that mean nothing to YAML within a plain text; a colon and a number sign do beside a blank.
    private static readonly SearchValues<char> PlainSigns = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-./$,()=+;:~^'");
    private static readonly SearchValues<char> FirstSigns = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$/.");
    private static readonly SearchValues<char> KeySigns = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.$");

    private int _start;
    private int _next;
    private int _line;

    /// <summary>Where in the line the reading is, from 0; at first behind the indentation.</summary>
    internal int At { get; private set; }

    /// <summary>How many signs the line has, without its end.</summary>
    internal int Length { get; private set; }

    /// <summary>The number of the line, from 1.</summary>
    internal int Number => _line;

    /// <summary>What is left of the line.</summary>
    internal ReadOnlySpan<char> Rest => text.AsSpan(_start + At, Length - At);

    /// <summary>True where nothing is left.</summary>
    internal bool IsAtEnd => At == Length;

    /// <summary>True for an entry of a list with something behind the sign.</summary>
    internal bool IsEntry => Rest is ['-', ' ', _, ..];

    /// <summary>True for a member of a map.</summary>
    internal bool IsMember => KeyLength > 0;

    /// <summary>How long the key of a member is; 0 where there is none.</summary>
    internal int KeyLength
    {
        get
        {
            var rest = Rest;
            var length = rest.IndexOfAnyExcept(KeySigns);
            return length > 0 && rest[length] == ':' && (length + 1 == rest.Length || rest[length + 1] == ' ') && (char.IsAsciiLetter(rest[0]) || rest[0] is '_' or '$') ? length : 0;
        }
    }

    /// <summary>Goes to the next line with content; comments on lines of their own are none.</summary>
    internal bool MoveNext()
    {
        while (_next < text.Length)
        {
            _start = _next;
            _line++;
            var end = text.IndexOf('\n', _start);
            _next = end < 0 ? text.Length : end + 1;
            end = end < 0 ? text.Length : end;
            Length = end - _start - (end > _start && text[end - 1] == '\r' ? 1 : 0);
            var indent = text.AsSpan(_start, Length).IndexOfAnyExcept(' ');
            // Some signs beyond ASCII, and a carriage return alone, end a comment too.
            if (indent >= 0 && (text[_start + indent] != '#' || text.AsSpan(_start + indent, Length - indent).IndexOfAnyExceptInRange(' ', '~') >= 0))
            {
                At = indent;
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes on in the line.</summary>
    internal void Skip(int count) => At += count;

    /// <summary>Signs of the line.</summary>
    internal ReadOnlySpan<char> Text(int at, int length) => length == 0 ? [] : text.AsSpan(_start + at, length);

    /// <summary>A place in the line as YamlDotNet tells it.</summary>
    internal Mark Mark(int at) => new(_start + at, _line, at + 1);

    /// <summary>True for what can only be plain text on one line.</summary>
    internal static bool IsPlain(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty || value.IndexOfAnyExcept(PlainSigns) >= 0 || value[^1] is ' ' or ':' || value.IndexOf(": ") >= 0)
        {
            return false;
        }

        return FirstSigns.Contains(value[0]) || (value.Length > 1 && value[0] == '-' && char.IsAsciiLetterOrDigit(value[1]));
    }

    /// <summary>True for a text in quotes that stands there as it is.</summary>
    internal static bool IsQuoted(ReadOnlySpan<char> value) =>
        value.Length > 1 && value[^1] == value[0] && value[1..^1] is var inner && inner.IndexOfAny(value[0], '\\') < 0 && inner.IndexOfAnyExceptInRange(' ', '~') < 0;
}
