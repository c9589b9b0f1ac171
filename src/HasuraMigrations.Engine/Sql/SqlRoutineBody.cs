using System.Text;

namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Tells whether a semicolon stands in the body of a routine written as the SQL standard has it: CREATE [OR REPLACE]
/// FUNCTION or PROCEDURE ... BEGIN ATOMIC ... END.
/// </summary>
/// <remarks>
/// Depth is counted as psql counts it (<c>psqlscan.l</c>): CASE opens too, since it is closed by END. Unlike psql, BEGIN
/// counts only before ATOMIC, and words that are labels or columns (behind AS or a dot) do not count, because the server
/// does not take them for keywords either.
/// </remarks>
internal struct SqlRoutineBody()
{
    private readonly char[] _opening = new char[4];
    private int _words;
    private int _depth;
    private int _begin = -1;
    private bool _isLabel;

    public readonly bool IsOpen => _depth > 0;

    /// <summary>Where the outermost BEGIN of an open body stands.</summary>
    public int Start { get; private set; }

    /// <summary>Whether the statement starts as one that can have a body.</summary>
    public readonly bool IsRoutine => _opening is ['c', 'f' or 'p', ..] or ['c', 'o', 'r', 'f' or 'p'];

    /// <summary>Whether the statement starts with PREPARE or with a routine, where parameters have a meaning.</summary>
    public readonly bool TakesParameters => IsRoutine || _opening[0] == 'P';

    public void Reset()
    {
        Array.Clear(_opening);
        (_words, _depth, _begin, _isLabel) = (0, 0, -1, false);
    }

    public void Follow(string text, SqlToken token, int parentheses)
    {
        if (token.Kind != SqlTokenKind.Word)
        {
            (_begin, _isLabel) = (-1, token.Kind == SqlTokenKind.Dot);
            return;
        }
        var word = text.AsSpan(token.Start, token.Length);
        if (_words < _opening.Length)
        {
            _opening[_words++] = Opening(word);
        }
        if (IsRoutine && parentheses == 0)
        {
            FollowBody(word, token.Start);
        }
    }

    private void FollowBody(ReadOnlySpan<char> word, int at)
    {
        var begin = _begin;
        var isLabel = _isLabel;
        _begin = !isLabel && Is(word, "begin") ? at : -1;
        _isLabel = Is(word, "as");
        if (begin >= 0 && Is(word, "atomic"))
        {
            Start = _depth++ == 0 ? begin : Start;
        }
        else if (_depth > 0 && !isLabel)
        {
            _depth += Is(word, "case") ? 1 : Is(word, "end") ? -1 : 0;
        }
    }

    private static char Opening(ReadOnlySpan<char> word) =>
        Is(word, "create") ? 'c' : Is(word, "function") ? 'f' : Is(word, "procedure") ? 'p'
        : Is(word, "or") ? 'o' : Is(word, "replace") ? 'r' : Is(word, "prepare") ? 'P' : '\0';

    private static bool Is(ReadOnlySpan<char> word, string keyword) =>
        word.Length == keyword.Length && Ascii.EqualsIgnoreCase(word, keyword);
}
