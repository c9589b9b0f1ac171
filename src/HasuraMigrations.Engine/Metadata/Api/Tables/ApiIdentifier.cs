using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>A name that names of types and fields are made of.</summary>
/// <param name="Text">Schema and name of a database joined by <c>_</c>, or a name that the metadata gives.</param>
/// <param name="IsCustom">The metadata gives it: it is one piece, however it is written.</param>
internal readonly record struct ApiIdentifier(string Text, bool IsCustom = false)
{
    // Where the name begins behind its schema; 0 for one without.
    private int Start { get; init; }

    /// <summary>Its pieces: those of the schema, then those of the name itself (Hasura, naming conventions).</summary>
    internal IEnumerable<string> Pieces => IsCustom ? [Text] : Start == 0 ? PiecesOf(Text) : PiecesOf(Text[..(Start - 1)]).Concat(PiecesOf(Text[Start..]));

    /// <summary>The name of a table or function of the database.</summary>
    internal static ApiIdentifier Of(QualifiedName name)
    {
        var text = name.InGraphQL;
        return new ApiIdentifier(text) { Start = text.Length - name.Name.Length };
    }

    /// <summary>The pieces of a name with underscores; one at the beginning stays with the first piece.</summary>
    internal static IEnumerable<string> PiecesOf(string text)
    {
        var start = text.Length - text.TrimStart('_').Length;
        var pieces = text[start..].Split('_', StringSplitOptions.RemoveEmptyEntries);
        return pieces.Length == 0 ? [text] : [text[..start] + pieces[0], .. pieces.Skip(1)];
    }
}
