

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>A name that names of types and fields are made of.</summary>
/// <param name="Text">Schema and name of a database joined by <c>_</c>, or a name that the metadata gives.</param>
/// <param name="IsCustom">The metadata gives it: it is one piece, however it is written.</param>
internal readonly record struct ApiIdentifier(string Text, bool IsCustom = false)
{
    /// <summary>Its pieces.</summary>
    internal IEnumerable<string> Pieces => IsCustom ? [Text] : PiecesOf(Text);

    /// <summary>The pieces of a name with underscores; one at the beginning stays with the first piece.</summary>
    internal static IEnumerable<string> PiecesOf(string text)
    {
        var start = text.Length - text.TrimStart('_').Length;
        var pieces = text[start..].Split('_', StringSplitOptions.RemoveEmptyEntries);
        return pieces.Length == 0 ? [text] : [text[..start] + pieces[0], .. pieces.Skip(1)];
    }
}
