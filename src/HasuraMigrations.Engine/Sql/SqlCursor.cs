using System.Text;

namespace HasuraMigrations.Engine.Sql;

/// <summary>Walks over the tokens of one statement. A copy of the struct is a bookmark.</summary>
internal struct SqlCursor
{
    private readonly string _text;
    private readonly bool _standardStrings;
    private SqlLexer _lexer;

    public SqlCursor(string text, int start, int end, bool standardConformingStrings)
    {
        _text = text;
        _standardStrings = standardConformingStrings;
        _lexer = new(text, start, end, standardConformingStrings);
        Current = _lexer.Next();
    }

    public SqlToken Current { get; private set; }

    public readonly bool AtEnd => Current.Kind is SqlTokenKind.End or SqlTokenKind.UnterminatedComment;

    public void Advance() => Current = _lexer.Next();

    /// <summary>Whether the current token is this keyword; only ASCII letters are compared without case.</summary>
    public readonly bool Is(string word) => Current.Kind == SqlTokenKind.Word
        && Ascii.EqualsIgnoreCase(_text.AsSpan(Current.Start, Current.Length), word);

    public readonly bool Is(SqlTokenKind kind) => Current.Kind == kind;

    public bool Take(string word) => Taken(Is(word));

    public bool Take(SqlTokenKind kind) => Taken(Is(kind));

    /// <summary>Takes all of these words, or nothing.</summary>
    public bool Take(string first, string second, string? third = null)
    {
        var ahead = this;
        if (!ahead.Take(first) || !ahead.Take(second) || (third is not null && !ahead.Take(third)))
        {
            return false;
        }
        this = ahead;
        return true;
    }

    public bool TakeEither(string one, string other) => Take(one) || Take(other);

    /// <summary>Takes the equals sign; a sign of a number may be stuck to it.</summary>
    public bool TakeEquals() => Taken(Is(SqlTokenKind.Operator) && _text[Current.Start] == '=');

    public bool TakeIdentifier(out string name)
    {
        name = "";
        if (Current is not
            {
                IsTerminated: true,
                Kind: SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier or SqlTokenKind.UnicodeIdentifier,
            })
        {
            return false;
        }
        var token = Current;
        Advance();
        name = SqlLiterals.Identifier(_text, token, token.Kind == SqlTokenKind.UnicodeIdentifier ? TakeEscape() : '\\');
        return true;
    }

    /// <summary>Takes a name with its qualifiers; of a name in three parts the database is dropped.</summary>
    public bool TakeName(out SqlName name)
    {
        name = new(null, "");
        if (!TakeIdentifier(out var last))
        {
            return false;
        }
        string? schema = null;
        while (Take(SqlTokenKind.Dot) && TakeIdentifier(out var next))
        {
            (schema, last) = (last, next);
        }
        name = new(schema, last);
        return true;
    }

    /// <summary>Takes a string; the value is null where it goes over several lines in several quotes.</summary>
    public bool TakeString(out string? value)
    {
        value = null;
        if (!IsString(Current))
        {
            return false;
        }
        var token = Current;
        Advance();
        var escape = token.Kind == SqlTokenKind.UnicodeString ? TakeEscape() : '\\';
        value = SqlLiterals.String(_text, token, _standardStrings, escape);
        return true;
    }

    /// <summary>Takes a string, word, or number; words in lower case, as the server reads the values of settings.</summary>
    public bool TakeValue(out string? value)
    {
        if (TakeString(out value))
        {
            return true;
        }
        if (TakeIdentifier(out var word))
        {
            value = word;
            return true;
        }
        if (Is(SqlTokenKind.Number))
        {
            value = _text.Substring(Current.Start, Current.Length);
            Advance();
            return true;
        }
        return false;
    }

    /// <summary>Steps over a parenthesis with all that is in it; on another token over that token.</summary>
    public void Skip()
    {
        var depth = 0;
        do
        {
            depth += Current.Kind switch
            {
                SqlTokenKind.OpenParenthesis => 1,
                SqlTokenKind.CloseParenthesis => -1,
                _ => 0,
            };
            Advance();
        }
        while (depth > 0 && !AtEnd);
    }

    private bool Taken(bool isThere)
    {
        if (isThere)
        {
            Advance();
        }
        return isThere;
    }

    private char TakeEscape()
    {
        var ahead = this;
        if (!ahead.Take("uescape") || !ahead.Is(SqlTokenKind.String) || ahead.Current.Length != 3)
        {
            return '\\';
        }
        var escape = _text[ahead.Current.Start + 1];
        ahead.Advance();
        this = ahead;
        return escape;
    }

    private static bool IsString(SqlToken token) => token is
    {
        IsTerminated: true,
        Kind: SqlTokenKind.String or SqlTokenKind.EscapeString or SqlTokenKind.UnicodeString or SqlTokenKind.DollarString,
    };
}
