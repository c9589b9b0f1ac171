using System.Text;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>Makes a text of SQL ready to stand before another one: its last statement ends with a semicolon, its last line with a line end.</summary>
internal static class SqlFragment
{
    /// <summary>The SQL of a step, without what is not sent: BEGIN and COMMIT around it, and lines of pg_dump for psql.</summary>
    internal static string Of(PlannedStep step) => Of(step.Script, [.. step.LeftOut]);

    /// <summary>A text without some of its statements.</summary>
    internal static string Of(SqlScript script, IReadOnlyCollection<SqlStatement> leftOut)
    {
        var text = script.Text;
        var result = new StringBuilder(text.Length + 2);
        var last = script.Pieces.LastOrDefault(p => p.Kind == SqlPieceKind.Statement);
        foreach (var piece in script.Pieces)
        {
            var end = piece.Start + piece.Length;
            if (piece.Statement is not { } statement)
            {
                result.Append(text, piece.Start, piece.Length);
            }
            else if (leftOut.Contains(statement))
            {
                result.Append(text, piece.Start, statement.Start - piece.Start);
            }
            else
            {
                var behind = statement.Start + statement.Length;
                result.Append(text, piece.Start, behind - piece.Start)
                    .Append(piece == last && !EndsStatement(text[behind..end]) ? ";" : "")
                    .Append(text, behind, end - behind);
            }
        }

        // A comment may reach to the end of the text.
        return (result.Length > 0 && result[^1] != '\n' ? result.Append('\n') : result).ToString();
    }

    // A semicolon in a comment ends nothing, so the text behind a statement is read with statements around it.
    private static bool EndsStatement(string behind) => SqlScript.Parse($"a{behind}\nb").Statements.Count > 1;
}
