namespace HasuraMigrations.Engine.Metadata.Yaml;

/// <summary>
/// Keeps one copy of each short text. A document of thousands of tables repeats the same keys, roles and columns, and
/// would else hold millions of copies.
/// </summary>
internal sealed class TextPool
{
    private const int MaximumLength = 64;
    private const int MaximumCount = 200_000;

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    internal string Get(string text)
    {
        if (text.Length > MaximumLength)
        {
            return text;
        }

        if (_texts.TryGetValue(text, out var known))
        {
            return known;
        }

        if (_texts.Count < MaximumCount)
        {
            _texts[text] = text;
        }

        return text;
    }
}
