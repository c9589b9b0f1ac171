namespace HasuraMigrations.Engine.Catalog;

/// <summary>What metadata can rest on, without any text of SQL, and what tells whether it still holds.</summary>
internal sealed record CatalogFacts
{
    /// <summary>What the transaction had written when it was read.</summary>
    internal required CatalogMark Mark { get; init; }

    /// <summary>Tables and views of the system are there, too.</summary>
    internal required bool WithSystem { get; init; }

    /// <summary>
    /// The oldest transaction that was open when <see cref="FirstColumns"/> was read: rows that came later are of no older one.
    /// </summary>
    internal required string Floor { get; init; }

    /// <summary>The columns of all tables when they were last read together.</summary>
    internal required IReadOnlyDictionary<uint, IReadOnlyList<CatalogColumn>> FirstColumns { get; init; }

    /// <summary>The rows of tables.</summary>
    internal required CatalogRows Rows { get; init; }

    /// <summary>Functions.</summary>
    internal required IReadOnlyList<CatalogFunction> Functions { get; init; }

    /// <summary>Names of base types.</summary>
    internal required IReadOnlyList<string> BaseTypes { get; init; }
}
