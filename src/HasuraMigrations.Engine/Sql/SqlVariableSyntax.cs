using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Sql;

/// <summary>How variables are written: <c>${name}</c> or <c>${name:form}</c>, and the directive that asks for them.</summary>
internal static partial class SqlVariableSyntax
{
    /// <summary>What begins a variable.</summary>
    internal const string Opening = "${";

    /// <summary>What stands for <see cref="Opening"/> itself in quotes.</summary>
    internal const string EscapedOpening = "$${";

    // The directive is a comment among the first lines; a file is not read further for it.
    private const int HeadCharacters = 4096;

    /// <summary>True for a name that a variable can have.</summary>
    internal static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>Reads the variable that begins at an index; null where what stands there is none.</summary>
    internal static (string Name, SqlVariableForm Form, int Length)? Read(string text, int index)
    {
        var match = Variable().Match(text, index);
        if (!match.Success)
        {
            return null;
        }

        SqlVariableForm? form = match.Groups[2].Value switch
        {
            "" => SqlVariableForm.Default,
            "literal" => SqlVariableForm.Literal,
            "identifier" => SqlVariableForm.Identifier,
            "number" => SqlVariableForm.Number,
            "raw" => SqlVariableForm.Raw,
            _ => null,
        };
        return form is { } known ? (match.Groups[1].Value, known, match.Length) : null;
    }

    /// <summary>Names of all that looks like a variable, in comments, too.</summary>
    internal static IEnumerable<string> NamesIn(SqlText text)
    {
        for (var at = text.IndexOf(Opening); at >= 0; at = text.IndexOf(Opening, at + 1))
        {
            var head = text.Substring(at, Math.Min(HeadCharacters, text.Length - at));
            if (Read(head, 0) is { } variable)
            {
                yield return variable.Name;
            }
        }
    }

    /// <summary>Whether the first lines have the directive, and where a line is that may be meant for it.</summary>
    internal static (bool IsThere, int? Lookalike) FindDirective(SqlText text)
    {
        var head = text.Substring(0, Math.Min(text.Length, HeadCharacters));
        int? lookalike = null;
        for (var start = 0; start < head.Length;)
        {
            var end = SqlScanner.LineEnd(head, start, head.Length);
            var line = head[start..end].Trim();
            if (line == SqlScript.VariablesDirective)
            {
                return (true, null);
            }

            if (line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal))
            {
                break;
            }

            lookalike ??= Lookalike().IsMatch(line) ? start : null;
            start = end + 1;
        }

        return (false, lookalike);
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\G\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\A--+\s*hasura\s*[:-]\s*variables?\b", RegexOptions.IgnoreCase)]
    private static partial Regex Lookalike();
}
