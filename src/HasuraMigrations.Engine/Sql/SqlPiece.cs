namespace HasuraMigrations.Engine.Sql;

/// <summary>What a piece of a text is.</summary>
public enum SqlPieceKind
{
    /// <summary>A statement with the white space and comments before it and the semicolon behind it.</summary>
    Statement,

    /// <summary>No statement: white space, comments, or a semicolon alone.</summary>
    Empty,

    /// <summary>Lines of data behind COPY ... FROM STDIN, up to the line with a backslash and a dot.</summary>
    CopyData,
}

/// <summary>
/// A part of a text. The pieces of a text follow each other without gaps: joined, they are the text again.
/// </summary>
/// <param name="Kind">What the piece is.</param>
/// <param name="Start">Index of its first character in the text.</param>
/// <param name="Length">Length in UTF-16 units, at least 1.</param>
/// <param name="Statement">The statement in it; null unless the kind is <see cref="SqlPieceKind.Statement"/>.</param>
public readonly record struct SqlPiece(SqlPieceKind Kind, int Start, int Length, SqlStatement? Statement);
