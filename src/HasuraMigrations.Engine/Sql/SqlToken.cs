namespace HasuraMigrations.Engine.Sql;

/// <summary>Kinds of tokens, as far as cutting and classifying statements needs them apart.</summary>
internal enum SqlTokenKind : byte
{
    End,
    Word,
    QuotedIdentifier,
    UnicodeIdentifier,
    String,
    EscapeString,
    UnicodeString,
    BitString,
    DollarString,
    Number,
    Parameter,
    Operator,
    OpenParenthesis,
    CloseParenthesis,
    Comma,
    Dot,
    Semicolon,
    MetaCommand,
    UnterminatedComment,
    Other,
}

/// <summary>One token: where it stands, and whether its quote was closed.</summary>
internal readonly record struct SqlToken(SqlTokenKind Kind, int Start, int End, bool IsTerminated = true)
{
    public int Length => End - Start;
}
