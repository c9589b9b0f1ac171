using System.Globalization;
using System.Text;
using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Descriptions in SDL as Hasura's CLI writes and reads them.</summary>
internal static class SdlDescription
{
    private const string Quotes = "\"\"\"";

    /// <summary>
    /// The text to put before what is described, with a space behind it; empty for no text. Quotes and line breaks are
    /// written raw as the CLI does, and escaped only where the raw text would be read as another one.
    /// </summary>
    internal static string Format(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var raw = $"{Quotes} {text} {Quotes}";
        if (ReadBack(raw) == text)
        {
            return raw + " ";
        }

        var block = $"{Quotes} {text.Replace(Quotes, "\\" + Quotes, StringComparison.Ordinal)} {Quotes}";
        return (ReadBack(block) == text ? block : Plain(text)) + " ";
    }

    /// <summary>The text of a description; null for none or an empty one.</summary>
    /// <param name="description">The node.</param>
    /// <param name="sdl">The text it was parsed from.</param>
    internal static string? Read(GraphQLDescription? description, string sdl) =>
        description is null ? null : Value(sdl, description.Location.Start, description.Location.End, description.Value.ToString());

    /// <summary>Where a token begins: the parser lets a text in triple quotes begin at the third.</summary>
    internal static int TokenStart(string sdl, int start) =>
        start >= 2 && start < sdl.Length && sdl[start] == '"' && sdl[start - 1] == '"' && sdl[start - 2] == '"' ? start - 2 : start;

    private static string? ReadBack(string token)
    {
        try
        {
            var lexed = Lexer.Lex(token, 0);
            return lexed.Kind == TokenKind.STRING && lexed.End == token.Length ? Value(token, lexed.Start, lexed.End, lexed.Value.ToString()) : null;
        }
        catch (GraphQLSyntaxErrorException)
        {
            return null;
        }
    }

    private static string? Value(string sdl, int start, int end, string value)
    {
        if (TokenStart(sdl, start) is var quote && string.CompareOrdinal(sdl, quote, Quotes, 0, Quotes.Length) == 0 && end - quote >= 2 * Quotes.Length)
        {
            value = value.Trim();
        }
        else
        {
            // The CLI trims plain strings too. White space that is written as an escape is kept: it was meant.
            var inside = sdl.AsSpan(start + 1, end - start - 2);
            var leading = inside.Length - inside.TrimStart().Length;
            var trailing = leading == inside.Length ? 0 : inside.Length - inside.TrimEnd().Length;
            value = value[leading..^trailing];
        }

        return value.Length == 0 ? null : value;
    }

    private static string Plain(string text)
    {
        var plain = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var isEdge = i == 0 || i == text.Length - 1;
            plain.Append(text[i] switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                var c when char.IsControl(c) || (isEdge && char.IsWhiteSpace(c)) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                var c => c.ToString(),
            });
        }

        return plain.Append('"').ToString();
    }
}
