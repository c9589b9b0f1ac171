using HasuraMigrations.Engine.Catalog;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>What is known of the database of a source.</summary>
/// <param name="Catalog">Its catalog; null where it could not be read.</param>
/// <param name="Error">What kept it from being read.</param>
/// <param name="IsSkipped">Nobody could look into it from here, which says nothing about it.</param>
internal sealed record SourceFacts(DatabaseCatalog? Catalog, string? Error = null, bool IsSkipped = false);
