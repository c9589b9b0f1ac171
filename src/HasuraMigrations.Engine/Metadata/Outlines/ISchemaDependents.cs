using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Outlines;

/// <summary>Knows what depends on tables and columns.</summary>
internal interface ISchemaDependents
{
    /// <summary>What depends on a table, or on a column of it.</summary>
    /// <param name="source">Name of the source.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">The column; null for the table as a whole.</param>
    IReadOnlyList<SchemaDependent> Of(string source, QualifiedName table, string? column);

    /// <summary>The columns of a table that something depends on, in the order in which they were found.</summary>
    IEnumerable<string> ColumnsOf(string source, QualifiedName table);
}
