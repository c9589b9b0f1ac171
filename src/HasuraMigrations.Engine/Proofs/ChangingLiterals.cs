using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>
/// The literals of an object that are others each time it is created, such as the time of <c>DEFAULT 'now'::timestamptz</c>, which
/// PostgreSQL evaluates when the default is set (PostgreSQL manual, Date/Time Functions).
/// </summary>
internal sealed class ChangingLiterals
{
    // Null in place of a literal that changes.
    private readonly string?[] _pieces;

    private ChangingLiterals(string?[] pieces) => _pieces = pieces;

    /// <summary>What two texts of one object, created twice in the same way, have in common; null where more than literals differs.</summary>
    internal static ChangingLiterals? Of(string once, string again)
    {
        var (first, second) = (Pieces(once), Pieces(again));
        if (first.Count != second.Count)
        {
            return null;
        }

        var pieces = new string?[first.Count];
        for (var i = 0; i < pieces.Length; i++)
        {
            var isSame = first[i].Text == second[i].Text;
            if (!isSame && !(first[i].IsLiteral && second[i].IsLiteral))
            {
                return null;
            }

            pieces[i] = isSame ? first[i].Text : null;
        }

        return Array.Exists(pieces, p => p is null) ? new ChangingLiterals(pieces) : null;
    }

    /// <summary>True for a text that has other literals only where they change.</summary>
    internal bool Fits(string text)
    {
        var pieces = Pieces(text);
        return pieces.Count == _pieces.Length && pieces.Zip(_pieces).All(p => p.Second is null ? p.First.IsLiteral : p.First.Text == p.Second);
    }

    private static List<(string Text, bool IsLiteral)> Pieces(string text)
    {
        var lexer = new SqlLexer(text, 0, text.Length, standardConformingStrings: true);
        var pieces = new List<(string, bool)>();
        for (var token = lexer.Next(); token.Kind != SqlTokenKind.End; token = lexer.Next())
        {
            pieces.Add((text.Substring(token.Start, token.Length), token.Kind == SqlTokenKind.String));
        }

        return pieces;
    }
}
