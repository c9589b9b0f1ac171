namespace HasuraMigrations.Engine.Sql;

/// <summary>A place in a text as people count it.</summary>
/// <param name="Line">Line, from 1. A line ends with LF, with CR LF, or with a CR alone, as for the server's lexer.</param>
/// <param name="Column">Column, from 1, in Unicode code points: an emoji beyond the BMP counts once, a tab counts once.</param>
public readonly record struct SqlPosition(int Line, int Column)
{
    /// <summary>Line and column with a colon between them.</summary>
    public override string ToString() => $"{Line}:{Column}";
}
