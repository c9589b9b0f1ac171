namespace HasuraMigrations.Engine.Json;

/// <summary>Keeps one copy of texts that come again and again, such as keys and names of roles and columns.</summary>
internal sealed class TextPool
{
    private const int MaximumLength = 64;

    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    /// <summary>The copy that is kept of a text; long ones are left as they are.</summary>
    internal string Share(string text)
    {
        if (text.Length > MaximumLength)
        {
            return text;
        }

        if (_texts.TryGetValue(text, out var kept))
        {
            return kept;
        }

        _texts.Add(text);
        return text;
    }
}
