using System.Globalization;
using System.Text;

namespace HasuraMigrations.Engine.Sql;

/// <summary>Turns tokens into the names and values that they stand for.</summary>
internal static class SqlLiterals
{
    /// <summary>NAMEDATALEN of a server, less the byte that ends the name.</summary>
    internal const int NameBytes = 63;

    /// <summary>Name of an identifier token; <paramref name="escape"/> is the escape character of U&amp;"...".</summary>
    public static string Identifier(string text, SqlToken token, char escape = '\\')
    {
        var name = token.Kind switch
        {
            SqlTokenKind.QuotedIdentifier => Undouble(text[(token.Start + 1)..(token.End - 1)], '"'),
            SqlTokenKind.UnicodeIdentifier => Unicode(Undouble(text[(token.Start + 3)..(token.End - 1)], '"'), escape),
            _ => Fold(text.AsSpan(token.Start, token.Length)),
        };
        return Truncate(name);
    }

    /// <summary>
    /// Value of a string token that is closed, or null where it is made of several parts on several lines.
    /// </summary>
    public static string? String(string text, SqlToken token, bool standardConformingStrings, char escape = '\\')
    {
        var raw = text.AsSpan(token.Start, token.Length);
        if (token.Kind == SqlTokenKind.DollarString)
        {
            var delimiter = raw[1..].IndexOf('$') + 2;
            return raw[delimiter..^delimiter].ToString();
        }
        var open = raw.IndexOf('\'');
        var escaped = token.Kind == SqlTokenKind.EscapeString
            || (token.Kind == SqlTokenKind.String && !standardConformingStrings);
        var first = SqlScanner.SkipQuoted(text, token.Start + open + 1, token.End, '\'', doubled: true, escaped);
        if (first != token.End)
        {
            return null;
        }
        var body = raw[(open + 1)..^1].ToString();
        return token.Kind == SqlTokenKind.UnicodeString
            ? Unicode(Undouble(body, '\''), escape)
            : escaped ? Unescape(body) : Undouble(body, '\'');
    }

    /// <summary>Only ASCII letters are folded: in a database with UTF8 the server leaves the others alone.</summary>
    private static string Fold(ReadOnlySpan<char> word)
    {
        var folded = new char[word.Length];
        for (var at = 0; at < word.Length; at++)
        {
            folded[at] = char.IsAsciiLetterUpper(word[at]) ? (char)(word[at] | 0x20) : word[at];
        }
        return new(folded);
    }

    private static string Undouble(string body, char quote) => body.Replace(new string(quote, 2), quote.ToString());

    private static string Truncate(string name)
    {
        if (name.Length <= NameBytes / 3 || Encoding.UTF8.GetByteCount(name) <= NameBytes)
        {
            return name;
        }
        var bytes = 0;
        var length = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > NameBytes)
            {
                break;
            }
            length += rune.Utf16SequenceLength;
        }
        return name[..length];
    }

    private static string Unicode(string body, char escape)
    {
        var result = new StringBuilder(body.Length);
        for (var at = 0; at < body.Length; at++)
        {
            if (body[at] != escape)
            {
                result.Append(body[at]);
            }
            else if (at + 1 < body.Length && body[at + 1] == escape)
            {
                result.Append(body[++at]);
            }
            else
            {
                var wide = at + 1 < body.Length && body[at + 1] == '+';
                AppendHex(result, body, ref at, wide ? 2 : 1, wide ? 6 : 4);
            }
        }
        return result.ToString();
    }

    private static string Unescape(string body)
    {
        var result = new StringBuilder(body.Length);
        for (var at = 0; at < body.Length; at++)
        {
            if (body[at] == '\'')
            {
                result.Append(body[at++]);
            }
            else if (body[at] != '\\' || at + 1 == body.Length)
            {
                result.Append(body[at]);
            }
            else
            {
                AppendEscaped(result, body, ref at);
            }
        }
        return result.ToString();
    }

    private static void AppendEscaped(StringBuilder result, string body, ref int at)
    {
        switch (body[at + 1])
        {
            case 'u':
                AppendHex(result, body, ref at, 2, 4);
                return;
            case 'U':
                AppendHex(result, body, ref at, 2, 8);
                return;
            case 'x':
                AppendHex(result, body, ref at, 2, at + 3 < body.Length && char.IsAsciiHexDigit(body[at + 3]) ? 2 : 1);
                return;
            case var c:
                result.Append(c switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', _ => c });
                at++;
                return;
        }
    }

    /// <summary>Appends the code point written in hexadecimal; what is no code point stays as it is.</summary>
    private static void AppendHex(StringBuilder result, string body, ref int at, int prefix, int digits)
    {
        var from = at + prefix;
        if (from + digits <= body.Length
            && int.TryParse(body.AsSpan(from, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            && code is >= 0 and <= 0x10FFFF)
        {
            result.Append(code <= 0xFFFF ? ((char)code).ToString() : char.ConvertFromUtf32(code));
            at = from + digits - 1;
            return;
        }
        result.Append(body[at]);
    }
}
