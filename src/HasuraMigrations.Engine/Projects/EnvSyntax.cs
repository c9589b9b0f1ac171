using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Projects;

/// <summary>
/// Reads the lines of an env file as gotenv does, the library of Hasura's CLI: <c>NAME=value</c>, <c>NAME: value</c>,
/// <c>export NAME=value</c>, quotes, comments, and <c>$NAME</c> outside single quotes. No .NET library of this dialect is known.
/// </summary>
internal sealed class EnvSyntax
{
    // Its pattern. A quoted value reaches to the last quote after which the line can end.
    private static readonly Regex Line = new(
        """\A[\t\n\f\r ]*(?:export[\t\n\f\r ]+)?([A-Za-z0-9_.]+)(?:[\t\n\f\r ]*=[\t\n\f\r ]*|:[\t\n\f\r ]+?)('(?:'|[^'])*'|"(?:"|[^"])*"|[^#\n]+)?[\t\n\f\r ]*(?:#.*)?\z""",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static readonly Regex Escape = new(@"\\([^$])", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    private static readonly Regex Variable = new(@"(\\)?\$(\{?([A-Z0-9_]+)?\}?)", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly Dictionary<string, string> _values;

    private EnvSyntax(IReadOnlyDictionary<string, string> environment, StringComparer names)
    {
        _environment = environment;
        _values = new Dictionary<string, string>(names);
    }

    /// <summary>The variables of a text.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="environment">What <c>$NAME</c> means where no earlier line sets it.</param>
    /// <param name="names">How names are compared.</param>
    /// <param name="badLines">Lines, from 1, that are of no known form.</param>
    internal static IReadOnlyDictionary<string, string> Read(string text, IReadOnlyDictionary<string, string> environment, StringComparer names, out IReadOnlyList<int> badLines)
    {
        var syntax = new EnvSyntax(environment, names);
        var bad = new List<int>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var first = i;
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (!Join(lines, ref i, ref line))
            {
                // A quote that is never closed would take the rest of the file with it.
                i = first;
                bad.Add(first + 1);
            }
            else if (!syntax.Take(line))
            {
                bad.Add(first + 1);
            }
        }

        badLines = bad;
        return syntax._values;
    }

    // A quoted value goes on until a line with its quote.
    private static bool Join(string[] lines, ref int i, ref string line)
    {
        if (OpenQuote(line) is not { } quote)
        {
            return true;
        }

        while (++i < lines.Length)
        {
            line += "\n" + lines[i];
            var end = lines[i].LastIndexOf(quote);
            if (end >= 0 && !(end > 0 && lines[i][end - 1] == '\\'))
            {
                return true;
            }
        }

        return false;
    }

    private static char? OpenQuote(string line)
    {
        var at = line.IndexOf('=', StringComparison.Ordinal) is >= 0 and var equals ? equals : line.IndexOf(':', StringComparison.Ordinal);
        var value = at > 0 && at < line.Length - 1 ? line[(at + 1)..].Trim() : "";
        if (value is not ['"' or '\'', ..])
        {
            return null;
        }

        var end = value.LastIndexOf(value[0]);
        return end > 0 && value[end - 1] != '\\' ? null : value[0];
    }

    private bool Take(string line)
    {
        var match = Line.Match(line);
        if (!match.Success)
        {
            return false;
        }

        var value = match.Groups[2].Value.Trim();
        var quote = value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[0] : (char?)null;
        value = quote is null ? value : value[1..^1];
        if (quote == '"')
        {
            value = Escape.Replace(value.Replace(@"\n", "\n", StringComparison.Ordinal).Replace(@"\r", "\r", StringComparison.Ordinal), "$1");
        }

        _values[match.Groups[1].Value] = quote == '\'' ? value : Variable.Replace(value, Expand);
        return true;
    }

    private string Expand(Match match) =>
        match.Groups[1].Success ? match.Value[1..]
        : !match.Groups[3].Success ? match.Value
        : _values.TryGetValue(match.Groups[3].Value, out var earlier) ? earlier
        : _environment.GetValueOrDefault(match.Groups[3].Value, "");
}
