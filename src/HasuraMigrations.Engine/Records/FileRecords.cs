using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>The statements that write the tables of seed files and of repeatable files: one row for each file that is recorded, or runs without a transaction.</summary>
internal static class FileRecords
{
    /// <summary>The name of the table of a kind of files.</summary>
    internal static string Table(FileKind kind) => kind == FileKind.Seed ? "seed" : "repeatable";

    /// <summary>
    /// The record of a file that ran. It inserts without ON CONFLICT, so that the primary key fails the transaction if another run
    /// recorded the file meanwhile; only a row that was known when the plan was made is removed first. One whose file is gone is only removed.
    /// </summary>
    internal static IEnumerable<OwnStatement> Record(PlannedMigration planned, Guid attempt)
    {
        var mark = planned.Mark!;
        if (planned.Entry is not null)
        {
            yield return Reset(planned);
        }

        if (mark.IsOnce && planned.Direction == MigrationDirection.Up)
        {
            yield return new OwnStatement(SqlResource.RecordFile(mark.Kind), planned.Database, mark.Path, mark.Checksum, attempt, Environment.MachineName, RunRecorder.ToolVersion);
        }
    }

    /// <summary>Notes that a file without a transaction begins.</summary>
    internal static OwnStatement Begin(PlannedMigration planned, Guid attempt, string finishedHash) => new(
        $"""
        INSERT INTO hasura_migrations.{Table(planned.Mark!.Kind)} AS s (database_name, path, checksum, state, attempt_id, applied_by_host, tool_version, finished_hash)
        VALUES ($1, $2, $3, 'running', $4, $5, $6, $7)
        ON CONFLICT (database_name, path) DO UPDATE SET checksum = excluded.checksum, state = 'running', attempt_id = excluded.attempt_id,
            finished_statements = 0, finished_hash = excluded.finished_hash, is_next_in_doubt = false
        """,
        planned.Database,
        planned.Mark.Path,
        planned.Mark.Checksum,
        attempt,
        Environment.MachineName,
        RunRecorder.ToolVersion,
        finishedHash);

    /// <summary>Notes how far a file without a transaction came.</summary>
    internal static OwnStatement Progress(PlannedMigration planned, int finished, string finishedHash, bool isNextInDoubt) => new(
        $"UPDATE hasura_migrations.{Table(planned.Mark!.Kind)} SET finished_statements = $3, finished_hash = $4, is_next_in_doubt = $5 WHERE database_name OPERATOR(pg_catalog.=) $1 AND path OPERATOR(pg_catalog.=) $2",
        planned.Database,
        planned.Mark.Path,
        finished,
        finishedHash,
        isNextInDoubt);

    /// <summary>Removes the row of a file.</summary>
    internal static OwnStatement Reset(PlannedMigration planned) => new(
        $"DELETE FROM hasura_migrations.{Table(planned.Mark!.Kind)} WHERE database_name OPERATOR(pg_catalog.=) $1 AND path OPERATOR(pg_catalog.=) $2",
        planned.Database,
        planned.Mark.Path);
}
