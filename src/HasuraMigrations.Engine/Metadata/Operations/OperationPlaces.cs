using System.Text;
using GraphQLParser;
using GraphQLParser.AST;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>
/// An operation and its fragments, put together to one text as a client sends it, and where each line of that text comes from. A line
/// keeps its columns.
/// </summary>
internal sealed class OperationPlaces
{
    private readonly List<(int Line, OperationText Source, int SourceLine)> _parts = [];
    private readonly StringBuilder _text = new();
    private int _line = 1;

    /// <summary>The text.</summary>
    internal string Text => _text.ToString();

    /// <summary>Adds a definition.</summary>
    /// <param name="source">The text that it stands in.</param>
    /// <param name="definition">The definition.</param>
    internal void Add(OperationText source, ASTNode definition)
    {
        var start = Location.FromLinearPosition(source.Text, definition.Location.Start);
        _parts.Add((_line, source, start.Line));
        var text = source.Text[definition.Location.Start..Math.Min(definition.Location.End, source.Text.Length)];
        _text.Append(' ', start.Column - 1).Append(text).Append('\n');
        _line += Location.FromLinearPosition(text, text.Length).Line;
    }

    /// <summary>Where a line and column of the text come from.</summary>
    internal OperationPlace Of(int line, int column)
    {
        var (start, source, sourceLine) = _parts.FindLast(p => p.Line <= line);
        return PlaceOf(source, sourceLine + line - start, column);
    }

    /// <summary>The place of a line and column of a text.</summary>
    internal static OperationPlace PlaceOf(OperationText source, int line, int column) => source.IsVerbatim
        ? new(source.File, (source.Line ?? 1) + line - 1, line == 1 ? (source.Column ?? 1) + column - 1 : column)
        : new(source.File, source.Line, source.Column);
}
