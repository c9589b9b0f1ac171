using static HasuraMigrations.Engine.Sql.SqlCharacters;

namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Finds the ends of the longer pieces of SQL text: white space and comments, quotes, identifiers, operators, numbers. All
/// functions take the text, where to start, and where the text ends; they look at each character a bounded number of times.
/// </summary>
internal static class SqlScanner
{
    /// <summary>Answer for a quote or comment that is open at the end of the text.</summary>
    public const int Open = -1;

    /// <summary>End of white space and comments; <paramref name="open"/> is the start of a comment that never ends.</summary>
    public static int SkipTrivia(string text, int at, int end, out int open)
    {
        open = Open;
        while (at < end)
        {
            var c = text[at];
            if (IsSpace(c))
            {
                at++;
            }
            else if (IsPair(text, at, end, '-', '-'))
            {
                at = LineEnd(text, at + 2, end);
            }
            else if (IsPair(text, at, end, '/', '*'))
            {
                var after = SkipBlockComment(text, at + 2, end);
                if (after == Open)
                {
                    open = at;
                    return end;
                }
                at = after;
            }
            else
            {
                return at;
            }
        }
        return at;
    }

    /// <summary>End of a line without its line break; a lone carriage return ends a line, as it does for the server.</summary>
    public static int LineEnd(string text, int at, int end)
    {
        var length = text.AsSpan(at, end - at).IndexOfAny('\n', '\r');
        return length < 0 ? end : at + length;
    }

    /// <summary>End of a quoted text from the character after the opening quote.</summary>
    public static int SkipQuoted(string text, int at, int end, char quote, bool doubled, bool escaped)
    {
        while (at < end)
        {
            var rest = text.AsSpan(at, end - at);
            var step = escaped ? rest.IndexOfAny(quote, '\\') : rest.IndexOf(quote);
            if (step < 0)
            {
                return Open;
            }
            at += step;
            if (text[at] == quote && !(doubled && at + 1 < end && text[at + 1] == quote))
            {
                return at + 1;
            }
            at += 2;
        }
        return Open;
    }

    /// <summary>
    /// Where a string goes on after its closing quote: SQL joins literals that are separated by white space with at least
    /// one line break, and what follows is read under the rules of the first part.
    /// </summary>
    public static int ContinuedString(string text, int at, int end)
    {
        var newline = false;
        while (at < end)
        {
            var c = text[at];
            if (c == '\'')
            {
                return newline ? at + 1 : Open;
            }
            if (IsSpace(c))
            {
                newline |= IsNewline(c);
                at++;
            }
            else if (IsPair(text, at, end, '-', '-'))
            {
                // Between the parts, only "--" comments are allowed, no block comments (scan.l of the server, quotecontinue).
                at = LineEnd(text, at + 2, end);
            }
            else
            {
                return Open;
            }
        }
        return Open;
    }

    /// <summary>
    /// Length of the opening delimiter of a dollar quote, or 0 where a dollar sign opens none. The tag has no dollar sign.
    /// </summary>
    public static int DollarDelimiter(string text, int at, int end)
    {
        var next = at + 1;
        if (next < end && IsIdentifierStart(text[next]))
        {
            while (next < end && IsTagPart(text[next]))
            {
                next++;
            }
        }
        return next < end && text[next] == '$' ? next + 1 - at : 0;
    }

    /// <summary>End of a dollar quote whose opening delimiter has the given length.</summary>
    public static int SkipDollarQuoted(string text, int at, int end, int delimiter)
    {
        var body = at + delimiter;
        var found = text.AsSpan(body, end - body).IndexOf(text.AsSpan(at, delimiter));
        return found < 0 ? Open : body + found + delimiter;
    }

    public static int SkipIdentifier(string text, int at, int end)
    {
        while (at < end && IsIdentifierPart(text[at]))
        {
            at++;
        }
        return at;
    }

    /// <summary>End of an operator; a comment starting inside the run of operator characters ends it.</summary>
    public static int SkipOperator(string text, int at, int end)
    {
        at++;
        while (at < end && IsOperator(text[at])
            && !IsPair(text, at, end, '-', '-') && !IsPair(text, at, end, '/', '*'))
        {
            at++;
        }
        return at;
    }

    /// <summary>
    /// End of a number, with letters stuck to it (0x1F, 1_000, and junk that newer servers refuse as one token).
    /// </summary>
    public static int SkipNumber(string text, int at, int end)
    {
        at = SkipDigits(text, at, end);
        // The server reads "1..10" as 1, ".." and 10, for loops of PL/pgSQL (scan.l).
        if (at < end && text[at] == '.' && !(at + 1 < end && text[at + 1] == '.'))
        {
            at = SkipDigits(text, at + 1, end);
        }
        // An exponent without a sign needs no rule: SkipJunk takes it as letters behind the digits.
        if (at + 2 < end && (text[at] | 0x20) == 'e' && text[at + 1] is ('+' or '-') && IsDigit(text[at + 2]))
        {
            at = SkipDigits(text, at + 2, end);
        }
        return SkipJunk(text, at, end);
    }

    /// <summary>End of the letters stuck to digits; servers before version 15 start a new token there.</summary>
    public static int SkipJunk(string text, int at, int end) =>
        at < end && IsIdentifierStart(text[at]) ? SkipIdentifier(text, at, end) : at;

    public static int SkipDigits(string text, int at, int end)
    {
        while (at < end && IsDigit(text[at]))
        {
            at++;
        }
        return at;
    }

    private static bool IsPair(string text, int at, int end, char first, char second) =>
        text[at] == first && at + 1 < end && text[at + 1] == second;

    private static int SkipBlockComment(string text, int at, int end)
    {
        // Block comments nest in SQL (PostgreSQL manual, Comments).
        var depth = 1;
        while (at < end)
        {
            var step = text.AsSpan(at, end - at).IndexOfAny('*', '/');
            if (step < 0)
            {
                return Open;
            }
            at += step;
            if (IsPair(text, at, end, '*', '/'))
            {
                at += 2;
                if (--depth == 0)
                {
                    return at;
                }
            }
            else if (IsPair(text, at, end, '/', '*'))
            {
                at += 2;
                depth++;
            }
            else
            {
                at++;
            }
        }
        return Open;
    }
}
