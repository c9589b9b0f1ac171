using System.Text;

namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>libpq's keyword form, <c>host=localhost dbname='my db'</c>, read as libpq reads it (<c>conninfo_parse</c>).</summary>
internal static class KeywordForm
{
    /// <summary>The parameters, in order.</summary>
    /// <exception cref="ConnectionTextException">The text is not in this form.</exception>
    internal static IReadOnlyList<ConnectionPair> Read(string text)
    {
        var pairs = new List<ConnectionPair>();
        var at = SkipBlanks(text, 0);
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && text[at] != '=' && !IsBlank(text[at]))
            {
                at++;
            }

            var name = text[start..at];
            at = SkipBlanks(text, at);
            if (at == text.Length || text[at] != '=')
            {
                throw new ConnectionTextException("a parameter has no '='; a value with spaces is written in single quotes");
            }

            at = SkipBlanks(text, at + 1);
            var valueAt = at;
            var isQuoted = at < text.Length && text[at] == '\'';
            var value = isQuoted ? Quoted(text, ref at) : Bare(text, ref at);
            pairs.Add(new ConnectionPair(name, value, isQuoted || text[valueAt..at].Contains('\\', StringComparison.Ordinal)));
            at = SkipBlanks(text, at);
        }

        return pairs;
    }

    private static string Bare(string text, ref int at)
    {
        var value = new StringBuilder();
        for (; at < text.Length && !IsBlank(text[at]); at++)
        {
            if (text[at] == '\\' && ++at == text.Length)
            {
                break;
            }

            value.Append(text[at]);
        }

        return value.ToString();
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length && text[at] != '\''; at++)
        {
            if (text[at] == '\\' && ++at == text.Length)
            {
                break;
            }

            value.Append(text[at]);
        }

        return at++ < text.Length ? value.ToString() : throw new ConnectionTextException("a single quote is not closed; one in a value is written \\'");
    }

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && IsBlank(text[at]))
        {
            at++;
        }

        return at;
    }

    private static bool IsBlank(char c) => c is ' ' or (>= '\t' and <= '\r');
}
