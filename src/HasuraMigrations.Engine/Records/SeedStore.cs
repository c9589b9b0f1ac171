using System.Globalization;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Records;

/// <summary>The query for the table of seed files of one source, and what its rows say.</summary>
internal static class SeedStore
{
    /// <summary>The query.</summary>
    internal static OwnStatement Rows(string database) => new(
        """
        SELECT s.path, s.checksum, s.state, s.finished_statements::pg_catalog.text AS finished, coalesce(s.finished_hash, '') AS hash, s.is_next_in_doubt::pg_catalog.text AS doubt
        FROM hasura_migrations.seed s WHERE s.database_name OPERATOR(pg_catalog.=) $1
        """,
        database);

    /// <summary>A row of <see cref="Rows"/>.</summary>
    internal static SeedRow ToRow(string?[] row) => new(
        row[0]!,
        row[1]!,
        row[2] == "running",
        int.Parse(row[3]!, CultureInfo.InvariantCulture),
        row[4]!,
        row[5] is "true" or "t");

    /// <summary>The query for tables and their partitions.</summary>
    internal static OwnStatement Tables(IReadOnlyList<SeedTable> tables) =>
        new(SqlResource.SeedTables, tables.Select(t => t.Schema).ToArray(), tables.Select(t => t.Name).ToArray());

    /// <summary>A row of <see cref="Tables"/>.</summary>
    internal static SeedRelation ToRelation(string?[] row) => new(new SeedTable(row[0]!, row[1]!), new SeedTable(row[2]!, row[3]!), row[4]![0]);

    /// <summary>The error for a table without what it should have.</summary>
    internal static HasuraMigrationException Lacking(string? why, string description, Exception cause) =>
        new("HistoryUnreadable", $"The table hasura_migrations.seed on {description} does not have the expected structure: {why}.", description, cause);
}
