namespace HasuraMigrations.Engine.Catalog;

/// <summary>
/// What only people read of a database, and how functions are called: comments, and how many of the arguments have defaults. It is
/// read apart from <see cref="CatalogFacts"/>, because no object of the metadata rests on it.
/// </summary>
internal sealed class CatalogTexts
{
    /// <summary>Nothing.</summary>
    internal static readonly CatalogTexts None = new();

    /// <summary>Comments of tables and views by oid.</summary>
    internal Dictionary<uint, string> Tables { get; } = [];

    /// <summary>Comments of columns by oid of the table and attnum.</summary>
    internal Dictionary<(uint Table, int Column), string> Columns { get; } = [];

    /// <summary>Comments of functions by oid.</summary>
    internal Dictionary<uint, string> Functions { get; } = [];

    /// <summary>How many arguments a function takes, and how many of these, from the last one back, have defaults, by oid; where there are no defaults and no other arguments, nothing.</summary>
    internal Dictionary<uint, (int Inputs, int Defaults)> Calls { get; } = [];
}
