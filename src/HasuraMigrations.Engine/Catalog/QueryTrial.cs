namespace HasuraMigrations.Engine.Catalog;

/// <summary>What a database says of a query that it prepares and does not run.</summary>
/// <param name="Error">Why it cannot be prepared; null where it can.</param>
/// <param name="Relations">Tables and views that the query names, and possibly others that the transaction used.</param>
/// <param name="Types">Types of its columns; null where they are not known, as on PostgreSQL before 16.</param>
internal sealed record QueryTrial(string? Error, IReadOnlyList<CatalogName> Relations, IReadOnlyList<string>? Types = null);
