namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>
/// Descriptions that a server may show in one form or another for the same metadata and database, as the order of its hash tables
/// decides: the columns of a key, and the fields that list the rows of a table under one name, which have one text. White space counts
/// for nothing either, as SDL does not keep that at the ends of lines.
/// </summary>
internal static class UnstableText
{
    /// <summary>What comes before the columns of a key, of which the order is not known.</summary>
    internal const string OfKey = "unique or primary key constraint on columns ";

    /// <summary>The text of an array relationship.</summary>
    internal const string OfArray = "An array relationship";

    /// <summary>The text of the aggregate of an array relationship.</summary>
    internal const string OfAggregate = "An aggregate relationship";

    /// <summary>What the text of a root field that lists rows begins with.</summary>
    internal const string OfRows = "fetch data from the table: ";

    /// <summary>What the text of a root field that aggregates rows begins with.</summary>
    internal const string OfAggregatedRows = "fetch aggregated fields from the table: ";

    /// <summary>True for two descriptions that are two forms of one.</summary>
    internal static bool AreSame(string? one, string? other) =>
        one == other
        || (one is not null && other is not null && Words(one).SequenceEqual(Words(other), StringComparer.Ordinal))
        || (AreOfKeys(one, other) && Columns(one!).SequenceEqual(Columns(other!), StringComparer.Ordinal))
        || AreForms(one, other, OfArray, OfRows)
        || AreForms(one, other, OfAggregate, OfAggregatedRows);

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static bool AreOfKeys(string? one, string? other) =>
        one?.StartsWith(OfKey, StringComparison.Ordinal) == true && other?.StartsWith(OfKey, StringComparison.Ordinal) == true;

    private static IOrderedEnumerable<string> Columns(string text) => text[OfKey.Length..].Split(", ").Order(StringComparer.Ordinal);

    // A relationship of a custom type has no text of its own.
    private static bool AreForms(string? one, string? other, string ofRelationship, string ofRoot) =>
        (one == ofRelationship && IsOther(other, ofRoot)) || (other == ofRelationship && IsOther(one, ofRoot));

    private static bool IsOther(string? text, string ofRoot) => text is null || (text.StartsWith(ofRoot, StringComparison.Ordinal) && text.EndsWith('"'));
}
