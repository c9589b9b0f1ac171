namespace HasuraMigrations.Engine.Catalog;

/// <summary>The catalog of the database of a source.</summary>
public sealed class SourceCatalog
{
    internal SourceCatalog(string source, DatabaseCatalog catalog) => (Source, Catalog) = (source, catalog);

    /// <summary>Name of the source.</summary>
    public string Source { get; }

    internal DatabaseCatalog Catalog { get; }
}
