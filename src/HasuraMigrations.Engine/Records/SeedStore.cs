using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Records;

/// <summary>The query for tables that seed files are made of, and what its rows say.</summary>
internal static class SeedStore
{
    /// <summary>The query for tables and their partitions.</summary>
    internal static OwnStatement Tables(IReadOnlyList<SeedTable> tables) =>
        new(SqlResource.SeedTables, tables.Select(t => t.Schema).ToArray(), tables.Select(t => t.Name).ToArray());

    /// <summary>A row of <see cref="Tables"/>.</summary>
    internal static SeedRelation ToRelation(string?[] row) => new(new SeedTable(row[0]!, row[1]!), new SeedTable(row[2]!, row[3]!), row[4]![0]);
}
