namespace HasuraMigrations.Engine.Sql;

/// <summary>Kinds of text in a statement, as far as a value is written differently in them.</summary>
internal enum SqlRegionKind
{
    /// <summary>Outside quotes and comments.</summary>
    Code,

    /// <summary>Inside <c>'...'</c>.</summary>
    String,

    /// <summary>Inside a string in which a backslash escapes.</summary>
    EscapeString,

    /// <summary>Inside <c>"..."</c>.</summary>
    Identifier,

    /// <summary>Inside a dollar quote.</summary>
    DollarString,

    /// <summary>Inside U&amp;'...', U&amp;"...", B'...' or X'...'.</summary>
    Other,
}

/// <summary>A part of a statement of one kind.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Start">Index of its first character; behind the opening quote.</param>
/// <param name="End">Index behind its last character; of the closing quote.</param>
/// <param name="IsRoutine">True for a string that is the body of a routine.</param>
/// <param name="Delimiters">The dollar quotes around it, those of a dollar quote itself among them.</param>
internal sealed record SqlRegion(SqlRegionKind Kind, int Start, int End, bool IsRoutine, IReadOnlyList<string> Delimiters);

/// <summary>
/// Cuts a statement into regions. The bodies of routines in SQL and PL/pgSQL that are written in dollar quotes are code
/// themselves, so that they are cut, too.
/// </summary>
internal sealed class SqlRegions
{
    private readonly string _text;
    private readonly bool _standardStrings;
    private readonly HashSet<int> _bodies;
    private readonly List<SqlRegion> _regions = [];

    private SqlRegions(string text, bool standardStrings)
    {
        (_text, _standardStrings) = (text, standardStrings);
        _bodies = Bodies(text, standardStrings);
    }

    /// <summary>The regions, by where they begin; comments and the quotes themselves are in none.</summary>
    /// <param name="text">Text of a statement.</param>
    /// <param name="standardStrings">Whether a backslash in a plain string is an ordinary character.</param>
    internal static List<SqlRegion> Of(string text, bool standardStrings)
    {
        var regions = new SqlRegions(text, standardStrings);
        regions.Cut(0, text.Length, []);
        return regions._regions;
    }

    private void Cut(int start, int end, IReadOnlyList<string> delimiters)
    {
        var lexer = new SqlLexer(_text, start, end, _standardStrings);
        for (var token = lexer.Next(); token.Kind is not (SqlTokenKind.End or SqlTokenKind.UnterminatedComment); token = lexer.Next())
        {
            var isBody = delimiters.Count == 0 && _bodies.Contains(token.Start);
            switch (token.Kind)
            {
                case SqlTokenKind.String or SqlTokenKind.EscapeString or SqlTokenKind.UnicodeString or SqlTokenKind.BitString:
                    AddStrings(token, isBody, delimiters);
                    break;
                case SqlTokenKind.QuotedIdentifier or SqlTokenKind.UnicodeIdentifier:
                    Add(token.Kind == SqlTokenKind.QuotedIdentifier ? SqlRegionKind.Identifier : SqlRegionKind.Other, _text.IndexOf('"', token.Start) + 1, token.IsTerminated ? token.End - 1 : token.End, isBody, delimiters);
                    break;
                case SqlTokenKind.DollarString:
                    AddDollarString(token, isBody, delimiters);
                    break;
                case SqlTokenKind.MetaCommand:
                    break;
                default:
                    AddCode(token, delimiters);
                    break;
            }
        }
    }

    private void Add(SqlRegionKind kind, int start, int end, bool isRoutine, IReadOnlyList<string> delimiters) =>
        _regions.Add(new SqlRegion(kind, start, end, isRoutine, delimiters));

    // Tokens that touch each other are one region, since a variable is several tokens.
    private void AddCode(SqlToken token, IReadOnlyList<string> delimiters)
    {
        if (_regions.Count > 0 && _regions[^1] is { Kind: SqlRegionKind.Code } last && last.End == token.Start && last.Delimiters.Count == delimiters.Count)
        {
            _regions[^1] = last with { End = token.End };
        }
        else
        {
            Add(SqlRegionKind.Code, token.Start, token.End, false, delimiters);
        }
    }

    private void AddStrings(SqlToken token, bool isRoutine, IReadOnlyList<string> delimiters)
    {
        var isEscaped = token.Kind == SqlTokenKind.EscapeString || (token.Kind == SqlTokenKind.String && !_standardStrings);
        var kind = token.Kind is SqlTokenKind.UnicodeString or SqlTokenKind.BitString ? SqlRegionKind.Other : isEscaped ? SqlRegionKind.EscapeString : SqlRegionKind.String;
        for (var inside = _text.IndexOf('\'', token.Start) + 1; inside != SqlScanner.Open;)
        {
            var after = SqlScanner.SkipQuoted(_text, inside, token.End, '\'', doubled: token.Kind != SqlTokenKind.BitString, isEscaped);
            Add(kind, inside, after == SqlScanner.Open ? token.End : after - 1, isRoutine, delimiters);
            inside = after == SqlScanner.Open ? after : SqlScanner.ContinuedString(_text, after, token.End);
        }
    }

    private void AddDollarString(SqlToken token, bool isBody, IReadOnlyList<string> delimiters)
    {
        var length = SqlScanner.DollarDelimiter(_text, token.Start, token.End);
        IReadOnlyList<string> inner = [.. delimiters, _text.Substring(token.Start, length)];
        var (start, end) = (token.Start + length, token.IsTerminated ? token.End - length : token.End);
        if (isBody)
        {
            Cut(start, end, inner);
        }
        else
        {
            Add(SqlRegionKind.DollarString, start, end, false, inner);
        }
    }

    /// <summary>Where the strings begin that are bodies of routines in SQL or PL/pgSQL.</summary>
    private static HashSet<int> Bodies(string text, bool standardStrings)
    {
        var cursor = new SqlCursor(text, 0, text.Length, standardStrings);
        var isDo = cursor.Take("do");
        if (!isDo && !(cursor.Take("create") && (!cursor.Take("or") || cursor.Take("replace")) && cursor.TakeEither("function", "procedure")))
        {
            return [];
        }

        var bodies = new HashSet<int>();
        // DO without a language is in PL/pgSQL (PostgreSQL manual, DO).
        string? language = isDo ? "plpgsql" : null;
        for (var isBehindAs = isDo; !cursor.AtEnd;)
        {
            if (cursor.Take("language"))
            {
                language = cursor.TakeValue(out var name) ? name?.ToLowerInvariant() : null;
                continue;
            }

            if (isBehindAs && cursor.Current.Kind is SqlTokenKind.String or SqlTokenKind.EscapeString or SqlTokenKind.DollarString)
            {
                bodies.Add(cursor.Current.Start);
            }

            isBehindAs = isDo || cursor.Is("as");
            cursor.Advance();
        }

        return language is "sql" or "plpgsql" ? bodies : [];
    }
}
