using System.Globalization;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>The query for the tables of seed files and of repeatable files of one source, and what its rows say.</summary>
internal static class FileStore
{
    /// <summary>Number of columns of <see cref="Rows"/>.</summary>
    internal const int Columns = 8;

    /// <summary>The query.</summary>
    internal static OwnStatement Rows(FileKind kind, string database) => new(RowsSql(kind), database);

    /// <summary>The text of the query; its parameter is the source.</summary>
    internal static string RowsSql(FileKind kind) => $"""
        SELECT s.path, s.checksum, s.state, s.finished_statements::pg_catalog.text AS finished, coalesce(s.finished_hash, '') AS hash, s.is_next_in_doubt::pg_catalog.text AS doubt,
            pg_catalog.to_char(pg_catalog.timezone('UTC', s.applied_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS applied_at,
            pg_catalog.concat_ws('@', s.applied_by_role, s.applied_by_host) AS applied_by
        FROM hasura_migrations.{FileRecords.Table(kind)} s WHERE s.database_name OPERATOR(pg_catalog.=) $1
        """;

    /// <summary>A row of <see cref="Rows"/>.</summary>
    internal static FileRow ToRow(string?[] row) => new(
        row[0]!,
        row[1]!,
        row[2] == "running",
        int.Parse(row[3]!, CultureInfo.InvariantCulture),
        row[4]!,
        row[5] is "true" or "t",
        DateTimeOffset.Parse(row[6]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        row[7]);

    /// <summary>The error for a table without what it should have.</summary>
    internal static HasuraMigrationException Lacking(FileKind kind, string? why, string description, Exception cause) =>
        new("HistoryUnreadable", $"The table hasura_migrations.{FileRecords.Table(kind)} on {description} does not have the expected structure: {why}.", description, cause);
}
