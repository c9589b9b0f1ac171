using GraphQLParser;
using GraphQLParser.AST;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>A text of SDL with the places of its lines.</summary>
internal sealed class SdlText
{
    private readonly List<int> _lines = [0];

    internal SdlText(string text, string file)
    {
        (Text, File) = (text, file);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                _lines.Add(i + 1);
            }
        }
    }

    internal string Text { get; }

    internal string File { get; }

    internal SourcePosition At(ASTNode node) => At(SdlDescription.TokenStart(Text, node.Location.Start));

    internal SourcePosition At(int offset)
    {
        var line = _lines.BinarySearch(offset);
        line = line < 0 ? ~line - 1 : line;
        return new SourcePosition(File, line + 1, offset - _lines[line] + 1);
    }

    /// <summary>The place of the first comment; null where there is none.</summary>
    internal SourcePosition? FirstComment()
    {
        for (var token = Lexer.Lex(Text, 0); token.Kind != TokenKind.EOF; token = Lexer.Lex(Text, token.End))
        {
            if (token.Kind == TokenKind.COMMENT)
            {
                return At(token.Start);
            }
        }

        return null;
    }
}
