using static HasuraMigrations.Engine.Sql.SqlCharacters;

namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Reads tokens of PostgreSQL's SQL (versions 10 to 18) from a part of a text, following <c>scan.l</c> of the server. White
/// space and comments are passed over. A copy of the struct is a bookmark.
/// </summary>
/// <remarks>
/// A run of operator characters is one token even where the server cuts trailing signs off it: no statement boundary depends
/// on that.
/// </remarks>
internal struct SqlLexer(string text, int start, int end, bool standardConformingStrings)
{
    private int _at = start;

    public SqlToken Next()
    {
        _at = SqlScanner.SkipTrivia(text, _at, end, out var comment);
        if (comment != SqlScanner.Open)
        {
            return new(SqlTokenKind.UnterminatedComment, comment, end, false);
        }
        if (_at >= end)
        {
            return new(SqlTokenKind.End, end, end);
        }
        var token = Read(_at);
        _at = token.End;
        return token;
    }

    private readonly SqlToken Read(int at)
    {
        var c = text[at];
        if (IsIdentifierStart(c))
        {
            return ReadWord(at, c);
        }
        if (IsDigit(c))
        {
            return new(SqlTokenKind.Number, at, SqlScanner.SkipNumber(text, at, end));
        }
        switch (c)
        {
            case '\'':
                return ReadString(SqlTokenKind.String, at, at + 1);
            case '"':
                return ReadIdentifier(SqlTokenKind.QuotedIdentifier, at, at + 1);
            case '$':
                return ReadDollar(at);
            case '.':
                return at + 1 < end && IsDigit(text[at + 1])
                    ? new(SqlTokenKind.Number, at, SqlScanner.SkipNumber(text, at, end))
                    : new(SqlTokenKind.Dot, at, at + 1);
            case '\\':
                return new(SqlTokenKind.MetaCommand, at, SqlScanner.LineEnd(text, at, end));
            default:
                return IsOperator(c)
                    ? new(SqlTokenKind.Operator, at, SqlScanner.SkipOperator(text, at, end))
                    : new(Punctuation(c), at, at + 1);
        }
    }

    private static SqlTokenKind Punctuation(char c) => c switch
    {
        '(' => SqlTokenKind.OpenParenthesis,
        ')' => SqlTokenKind.CloseParenthesis,
        ',' => SqlTokenKind.Comma,
        ';' => SqlTokenKind.Semicolon,
        _ => SqlTokenKind.Other,
    };

    private readonly SqlToken ReadWord(int at, char c)
    {
        var next = at + 1 < end ? text[at + 1] : '\0';
        if (next == '\'')
        {
            switch (c)
            {
                case 'e' or 'E':
                    return ReadString(SqlTokenKind.EscapeString, at, at + 2);
                case 'b' or 'B' or 'x' or 'X':
                    return ReadString(SqlTokenKind.BitString, at, at + 2);
                case 'n' or 'N':
                    return ReadString(SqlTokenKind.String, at, at + 2);
            }
        }
        else if (next == '&' && c is ('u' or 'U') && at + 2 < end)
        {
            switch (text[at + 2])
            {
                case '\'':
                    return ReadString(SqlTokenKind.UnicodeString, at, at + 3);
                case '"':
                    return ReadIdentifier(SqlTokenKind.UnicodeIdentifier, at, at + 3);
            }
        }
        return new(SqlTokenKind.Word, at, SqlScanner.SkipIdentifier(text, at, end));
    }

    private readonly SqlToken ReadString(SqlTokenKind kind, int start, int inside)
    {
        var escaped = kind == SqlTokenKind.EscapeString || (kind == SqlTokenKind.String && !standardConformingStrings);
        var doubled = kind != SqlTokenKind.BitString;
        while (true)
        {
            var after = SqlScanner.SkipQuoted(text, inside, end, '\'', doubled, escaped);
            if (after == SqlScanner.Open)
            {
                return new(kind, start, end, false);
            }
            inside = SqlScanner.ContinuedString(text, after, end);
            if (inside == SqlScanner.Open)
            {
                return new(kind, start, after);
            }
        }
    }

    private readonly SqlToken ReadIdentifier(SqlTokenKind kind, int start, int inside)
    {
        var after = SqlScanner.SkipQuoted(text, inside, end, '"', doubled: true, escaped: false);
        return after == SqlScanner.Open ? new(kind, start, end, false) : new(kind, start, after);
    }

    private readonly SqlToken ReadDollar(int at)
    {
        var delimiter = SqlScanner.DollarDelimiter(text, at, end);
        if (delimiter > 0)
        {
            var after = SqlScanner.SkipDollarQuoted(text, at, end, delimiter);
            return after == SqlScanner.Open
                ? new(SqlTokenKind.DollarString, at, end, false)
                : new(SqlTokenKind.DollarString, at, after);
        }
        var digits = SqlScanner.SkipDigits(text, at + 1, end);
        return digits == at + 1
            ? new(SqlTokenKind.Other, at, at + 1)
            : new(SqlTokenKind.Parameter, at, SqlScanner.SkipJunk(text, digits, end));
    }
}
