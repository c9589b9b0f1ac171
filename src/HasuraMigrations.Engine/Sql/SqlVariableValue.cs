using System.Text;
using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Sql;

/// <summary>Writes the value of a variable as the SQL of its place.</summary>
internal static partial class SqlVariableValue
{
    /// <summary>What stands for a value that is missing, so that the rest of the file can be checked.</summary>
    internal static string Missing(SqlRegionKind kind, SqlVariableForm form) => (kind, form) switch
    {
        (SqlRegionKind.Code, SqlVariableForm.Identifier) => "\"_\"",
        (SqlRegionKind.Code, _) => "NULL",
        _ => "_",
    };

    /// <summary>The SQL of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="form">What it becomes.</param>
    /// <param name="kind">Where it stands.</param>
    /// <param name="problem">What is wrong with it, as the rest of a sentence; null where nothing is.</param>
    internal static string Write(string value, SqlVariableForm form, SqlRegionKind kind, out string? problem)
    {
        problem = value.Contains('\0') ? "contains a NUL character, which PostgreSQL does not accept"
            : HasLoneSurrogate(value) ? "is not valid Unicode"
            : form switch
            {
                SqlVariableForm.Identifier => ProblemOfIdentifier(value),
                SqlVariableForm.Number => Number().IsMatch(value) ? null : "is not a number",
                SqlVariableForm.Raw => IsComplete(value) ? null : "ends in an open quote or comment",
                _ => kind == SqlRegionKind.Identifier && value.Length == 0 ? "is empty, and an identifier cannot be" : null,
            };
        if (problem is not null)
        {
            return Missing(kind, form);
        }

        var written = form switch
        {
            SqlVariableForm.Literal => Literal(value),
            SqlVariableForm.Default when kind == SqlRegionKind.Code => Literal(value),
            SqlVariableForm.Identifier => SqlName.Quote(value),
            _ => value,
        };
        return form == SqlVariableForm.Raw ? written : kind switch
        {
            SqlRegionKind.String => Double(written, '\''),
            SqlRegionKind.EscapeString => Double(Double(written, '\\'), '\''),
            SqlRegionKind.Identifier => Double(written, '"'),
            _ => written,
        };
    }

    /// <summary>The words of a value that is SQL itself, as a server may repeat each of them in a message.</summary>
    internal static IEnumerable<string> Words(string value)
    {
        var lexer = new SqlLexer(value, 0, value.Length, standardConformingStrings: true);
        for (var token = lexer.Next(); token.Kind is not (SqlTokenKind.End or SqlTokenKind.UnterminatedComment); token = lexer.Next())
        {
            if (token.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier or SqlTokenKind.UnicodeIdentifier)
            {
                yield return SqlLiterals.Identifier(value, token);
            }
            else if (token.Kind is SqlTokenKind.String or SqlTokenKind.EscapeString or SqlTokenKind.UnicodeString or SqlTokenKind.DollarString && token.IsTerminated && SqlLiterals.String(value, token, standardConformingStrings: true) is { } text)
            {
                yield return text;
            }
        }
    }

    // A backslash makes it a constant that is read in one way only, whatever standard_conforming_strings is.
    private static string Literal(string value) => value.Contains('\\') ? $" E'{Double(Double(value, '\\'), '\'')}'" : $"'{Double(value, '\'')}'";

    private static string Double(string text, char quote) => text.Replace(quote.ToString(), new string(quote, 2), StringComparison.Ordinal);

    private static string? ProblemOfIdentifier(string value) =>
        value.Length == 0 ? "is empty, and an identifier cannot be"
        : Encoding.UTF8.GetByteCount(value) > SqlLiterals.NameBytes ? $"has more than the {SqlLiterals.NameBytes} bytes of an identifier"
        : null;

    // What comes behind it in the file must be read as before.
    private static bool IsComplete(string value)
    {
        const string Behind = " behind";
        var text = value + Behind;
        var lexer = new SqlLexer(text, 0, text.Length, standardConformingStrings: true);
        for (var token = lexer.Next(); token.Kind is not (SqlTokenKind.End or SqlTokenKind.UnterminatedComment) && token.IsTerminated; token = lexer.Next())
        {
            if (token is { Kind: SqlTokenKind.Word } && token.Start == value.Length + 1)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasLoneSurrogate(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsSurrogate(value[i]))
            {
                if (!(char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])))
                {
                    return true;
                }

                i++;
            }
        }

        return false;
    }

    [GeneratedRegex(@"\A[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z")]
    private static partial Regex Number();
}
