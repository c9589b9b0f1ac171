using System.Globalization;
using System.Text.Json;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>
/// The statements that write history, log and, where it lies in the same database, Hasura's record; one place for every way
/// they may take to the database.
/// </summary>
/// <param name="database">Source name.</param>
/// <param name="options">How the run behaves.</param>
internal sealed class RecordStatements(string database, RunOptions options)
{
    private const string UpdateMirror = "UPDATE hasura_migrations.history SET mirror_kind = $3, mirror_source = $4, mirror_instance = $5 WHERE database_name = $1 AND version = ANY ($2) AND direction = 'up'";
    // Only finished rollbacks: with the state 'running', a rollback was interrupted and its row is needed to resume it.
    private const string DropTombstones = "DELETE FROM hasura_migrations.history WHERE database_name = $1 AND version = ANY ($2) AND direction = 'down' AND state = 'applied'";
    // As Hasura's CLI 2.x: recording a version again is no error and clears the dirty flag.
    private const string AddToTable = "INSERT INTO hdb_catalog.schema_migrations (version, dirty) SELECT v, false FROM pg_catalog.unnest($1) v ON CONFLICT (version) DO UPDATE SET dirty = false";
    private const string RemoveFromTable = "DELETE FROM hdb_catalog.schema_migrations WHERE version OPERATOR(pg_catalog.=) ANY ($1)";
    private const string ImportToTable = "INSERT INTO hdb_catalog.schema_migrations (version, dirty) SELECT v, v OPERATOR(pg_catalog.=) ANY ($2) FROM pg_catalog.unnest($1) v ON CONFLICT (version) DO NOTHING";
    private const string SetInTable = "INSERT INTO hdb_catalog.migration_settings (setting, value) VALUES ($1, $2) ON CONFLICT (setting) DO UPDATE SET value = excluded.value";
    // jsonb_set is strict: without an entry for the source it would set the whole cli_state to null.
    private const string RemoveFromCatalog = "UPDATE hdb_catalog.hdb_version SET cli_state = pg_catalog.jsonb_set(cli_state, ARRAY['migrations', $1::pg_catalog.text], (cli_state OPERATOR(pg_catalog.#>) ARRAY['migrations', $1::pg_catalog.text]) OPERATOR(pg_catalog.-) $2::pg_catalog.text[]) WHERE cli_state OPERATOR(pg_catalog.#>) ARRAY['migrations', $1::pg_catalog.text] IS NOT NULL";

    /// <summary>Hasura's record as it was read last.</summary>
    internal StateSnapshot State { get; set; } = new() { Kind = StateStoreKind.None };

    /// <summary>True where the state is written in the transaction of the migration.</summary>
    internal bool IsStateLocal => State is { Kind: not StateStoreKind.None, IsInTargetDatabase: true };

    /// <summary>History, log and, where it lies in this database, state.</summary>
    internal IEnumerable<OwnStatement> Record(PlannedMigration migration, Guid attempt, MigrationOrigin origin, string outcome)
    {
        if (migration.Mark is not null)
        {
            foreach (var statement in FileRecords.Record(migration, attempt))
            {
                yield return statement;
            }

            yield return RecordLog(migration, attempt, outcome);
            yield break;
        }

        var isUp = migration.Direction == MigrationDirection.Up;
        // RecordUp inserts without ON CONFLICT, so that the primary key fails the transaction if another run recorded the version
        // meanwhile. Only a row that was known when the plan was made is removed first.
        if (!isUp || migration.Entry?.Row is not null)
        {
            yield return RemoveRow(migration, isUp);
        }

        if (isUp)
        {
            yield return RecordUp(migration, attempt, origin, isAssumed: false, IsStateLocal);
        }

        yield return RecordLog(migration, attempt, outcome);
        if (IsStateLocal || State.FollowsTable)
        {
            yield return isUp ? AddState([migration.Version]) : RemoveState([migration.Version]);
        }
    }

    /// <summary>The record of a migration that ran without a transaction; the row of its run is replaced as any earlier row is.</summary>
    internal IEnumerable<OwnStatement> RecordRunning(PlannedMigration migration, Guid attempt) => Record(
        migration with { Entry = new LedgerEntry(migration.Version, MigrationState.Interrupted, RunningRow(migration), MigrationOrigin.Module) },
        attempt,
        MigrationOrigin.Module,
        "succeeded");

    /// <summary>Says when the work began whose record follows.</summary>
    internal static OwnStatement Started(TimeSpan elapsed) => new(
        "SELECT pg_catalog.set_config('hasura_migrations.started', (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.make_interval(secs => $1::pg_catalog.float8 OPERATOR(pg_catalog./) 1000))::pg_catalog.text, true)",
        (long)elapsed.TotalMilliseconds);

    /// <summary>The record of a version that Hasura's own tools applied; its state is there already.</summary>
    internal IEnumerable<OwnStatement> Adopt(long version, SourceMigration? files, Guid attempt)
    {
        var migration = RecordOnly(database, version, files);
        // While the copy is pending, the versions come from the old table, and the catalog state does not have them.
        yield return RecordUp(migration, attempt, MigrationOrigin.Hasura, isAssumed: true, isMirrored: State is { Kind: not StateStoreKind.None, IsCopyPending: false });
        yield return RecordLog(migration, attempt, "adopted");
    }

    /// <summary>A migration of which only the record is written.</summary>
    internal static PlannedMigration RecordOnly(string database, long version, SourceMigration? files) => new()
    {
        Database = database,
        Version = version,
        Name = files?.Name ?? "",
        Direction = MigrationDirection.Up,
        Steps = [],
        IsTransactional = true,
        IsRecordOnly = true,
        Source = files,
    };

    /// <summary>What a repair writes.</summary>
    internal IEnumerable<OwnStatement> Repair(PlannedMigration migration, RepairRequest request, Guid attempt) =>
        request.Progress is { } progress ? SetProgress(migration, attempt, progress, request.Note)
        : request.IsChecksumOnly ? AcceptChecksum(migration, attempt, request.Note)
        : Record(migration, attempt, MigrationOrigin.Baseline, request.Note);

    /// <summary>Takes the files as they are now for those that were applied; when and by whom stays as it is.</summary>
    private IEnumerable<OwnStatement> AcceptChecksum(PlannedMigration migration, Guid attempt, string note)
    {
        yield return new OwnStatement(
            "UPDATE hasura_migrations.history SET name = $5, checksums = $3::jsonb, is_checksum_assumed = false, step_texts = $4 WHERE database_name = $1 AND version = $2",
            database,
            migration.Version,
            Checksums(migration.Source),
            StoredText(migration),
            migration.Name);
        yield return LogFailure(migration, attempt, note, null, null);
    }

    /// <summary>Sets how far an interrupted migration came.</summary>
    private IEnumerable<OwnStatement> SetProgress(PlannedMigration migration, Guid attempt, StatementProgress progress, string note)
    {
        yield return Progress(migration, progress.Finished, progress.FinishedHash, isNextInDoubt: false);
        yield return LogFailure(migration, attempt, note, null, null);
    }

    /// <summary>Puts an attempt that came to nothing, or that changed a record only, in the log.</summary>
    internal OwnStatement LogFailure(PlannedMigration migration, Guid attempt, string outcome, string? sqlState, string? message) => new(
        "INSERT INTO hasura_migrations.log (attempt_id, database_name, version, name, direction, outcome, applied_by_host, tool_version, sqlstate, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        attempt,
        database,
        migration.LoggedVersion,
        migration.Name,
        DirectionName(migration.Direction),
        outcome,
        Environment.MachineName,
        RunRecorder.ToolVersion,
        sqlState,
        options.Mask.OfServer(message));

    /// <summary>Notes that a migration without a transaction begins.</summary>
    internal OwnStatement Begin(PlannedMigration migration, Guid attempt, string finishedHash) => migration.Mark is not null ? FileRecords.Begin(migration, attempt, finishedHash) : new(
        // A rollback keeps checksums and texts of the row, which ResetInDoubt turns into an applied one again.
        """
        INSERT INTO hasura_migrations.history AS h (database_name, version, name, direction, state, checksums, attempt_id, applied_by_host, tool_version, origin, finished_hash)
        VALUES ($1, $2, $3, $4, 'running', $5::jsonb, $6, $7, $8, 'module', $9)
        ON CONFLICT (database_name, version) DO UPDATE SET direction = excluded.direction, state = 'running', attempt_id = excluded.attempt_id,
            finished_statements = 0, finished_hash = excluded.finished_hash, is_next_in_doubt = false
        """,
        database,
        migration.Version,
        migration.Name,
        DirectionName(migration.Direction),
        Checksums(migration.Source),
        attempt,
        Environment.MachineName,
        RunRecorder.ToolVersion,
        finishedHash);

    /// <summary>Notes how far a migration without a transaction came.</summary>
    internal OwnStatement Progress(PlannedMigration migration, int finished, string finishedHash, bool isNextInDoubt) => migration.Mark is not null ? FileRecords.Progress(migration, finished, finishedHash, isNextInDoubt) : new(
        "UPDATE hasura_migrations.history SET finished_statements = $3, finished_hash = $4, is_next_in_doubt = $5 WHERE database_name OPERATOR(pg_catalog.=) $1 AND version OPERATOR(pg_catalog.=) $2",
        database,
        migration.Version,
        finished,
        finishedHash,
        isNextInDoubt);

    /// <summary>Takes back that a migration without a transaction began, where nothing of it ran.</summary>
    internal OwnStatement ResetInDoubt(PlannedMigration migration) => migration.Mark is not null ? FileRecords.Reset(migration) : migration.Direction == MigrationDirection.Up
        ? new("DELETE FROM hasura_migrations.history WHERE database_name = $1 AND version = $2 AND state = 'running'", database, migration.Version)
        : new("UPDATE hasura_migrations.history SET state = 'applied', direction = 'up', finished_statements = 0, finished_hash = NULL WHERE database_name = $1 AND version = $2", database, migration.Version);

    /// <summary>A query that finds the row of an interrupted migration, if it is as it was planned, or this run's own.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="owner">The run whose row it must be; null for one that is as it was planned.</param>
    internal OwnStatement Claim(PlannedMigration migration, Guid? owner)
    {
        var (table, key, value) = RunningKey(migration);
        return new OwnStatement(
            $"SELECT FROM hasura_migrations.{table} h WHERE h.database_name = $1 AND h.{key} = $2 AND h.state = 'running' AND {(owner is null ? "h.finished_statements = $3" : "h.attempt_id = $3")}",
            database,
            value,
            owner is { } id ? id : migration.ResumeAfter);
    }

    /// <summary>Takes the row of an interrupted migration over.</summary>
    internal OwnStatement Take(PlannedMigration migration, Guid owner)
    {
        var (table, key, value) = RunningKey(migration);
        return new OwnStatement($"UPDATE hasura_migrations.{table} SET attempt_id = $3 WHERE database_name = $1 AND {key} = $2", database, value, owner);
    }

    /// <summary>How far an interrupted migration came, and by whom.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="working">An expression for how many sessions are at work.</param>
    internal OwnStatement Signs(PlannedMigration migration, string working)
    {
        var (table, key, value) = RunningKey(migration);
        return new OwnStatement(
            $"SELECT h.attempt_id::text AS attempt, h.finished_statements::text AS finished, h.is_next_in_doubt::text AS doubt, {working} AS working FROM hasura_migrations.{table} h WHERE h.database_name = $1 AND h.{key} = $2 AND h.state = 'running'",
            database,
            value);
    }

    // Which row tells how far a file without a transaction came.
    private static (string Table, string Key, object Value) RunningKey(PlannedMigration migration) =>
        migration.Mark is { } mark ? (FileRecords.Table(mark.Kind), "path", mark.Path) : ("history", "version", migration.Version);

    /// <summary>Notes in the history that the state was told.</summary>
    internal IEnumerable<OwnStatement> MarkMirrored(IReadOnlyCollection<long> added, IReadOnlyCollection<long> removed)
    {
        var mirror = State.AsMirror();
        yield return new OwnStatement(UpdateMirror, database, added.ToArray(), Kind(mirror), mirror?.Source, Instance(mirror));
        yield return new OwnStatement(DropTombstones, database, removed.ToArray());
    }

    /// <summary>Writes a change of Hasura's record into its tables.</summary>
    internal static IEnumerable<OwnStatement> ChangeTables(StateChange change)
    {
        if (change.Versions.Count > 0)
        {
            yield return new OwnStatement(ImportToTable, change.Versions.Keys.Order().ToArray(), change.Versions.Where(v => v.Value).Select(v => v.Key).Order().ToArray());
        }

        foreach (var (name, value) in change.Settings)
        {
            yield return new OwnStatement(SetInTable, name, value);
        }
    }

    /// <summary>Puts a change of Hasura's record in the log.</summary>
    internal OwnStatement LogChange(StateChange change, Guid attempt) => LogFailure(ChangeOf(database), attempt, change.Note, null, null);

    /// <summary>The work that a change of Hasura's record is to the log.</summary>
    internal static PlannedMigration ChangeOf(string database) => RecordOnly(database, 0, null) with { Name = "(Hasura's record)" };

    /// <summary>Changes the state; nothing where there is nothing to change.</summary>
    internal IEnumerable<OwnStatement> ChangeState(IReadOnlyCollection<long> added, IReadOnlyCollection<long> removed)
    {
        if (added.Count > 0)
        {
            yield return AddState(added);
        }

        if (removed.Count > 0)
        {
            yield return RemoveState(removed);
        }
    }

    private OwnStatement AddState(IReadOnlyCollection<long> versions) => State.Kind != StateStoreKind.Catalog
        ? new(AddToTable, versions.ToArray())
        : new(SqlResource.AddToCatalogState, database, JsonSerializer.Serialize(versions.ToDictionary(Text, _ => false), RecordJson.Default.DictionaryStringBoolean));

    private OwnStatement RemoveState(IReadOnlyCollection<long> versions) => State.Kind != StateStoreKind.Catalog
        ? new(RemoveFromTable, versions.ToArray())
        : new(RemoveFromCatalog, database, versions.Select(Text).ToArray());

    // A rollback that cannot tell the state at once leaves a row that says so, until the state was told.
    private OwnStatement RemoveRow(PlannedMigration migration, bool isUp)
    {
        var isTombstone = !isUp && State.Kind != StateStoreKind.None && !IsStateLocal;
        return isTombstone
            ? new("UPDATE hasura_migrations.history SET direction = 'down', state = 'applied' WHERE database_name OPERATOR(pg_catalog.=) $1 AND version OPERATOR(pg_catalog.=) $2", database, migration.Version)
            : new("DELETE FROM hasura_migrations.history WHERE database_name OPERATOR(pg_catalog.=) $1 AND version OPERATOR(pg_catalog.=) $2", database, migration.Version);
    }

    private OwnStatement RecordUp(PlannedMigration migration, Guid attempt, MigrationOrigin origin, bool isAssumed, bool isMirrored)
    {
        var mirror = isMirrored ? State.AsMirror() : null;
        return new OwnStatement(
            SqlResource.RecordUp,
            attempt,
            database,
            migration.Version,
            migration.Name,
            Checksums(migration.Source),
            Environment.MachineName,
            RunRecorder.ToolVersion,
            origin.ToString().ToLowerInvariant(),
            isAssumed,
            StoredText(migration),
            Kind(mirror),
            mirror?.Source,
            Instance(mirror));
    }

    private OwnStatement RecordLog(PlannedMigration migration, Guid attempt, string outcome) => new(
        SqlResource.RecordLog,
        attempt,
        database,
        migration.LoggedVersion,
        migration.Name,
        DirectionName(migration.Direction),
        outcome,
        Environment.MachineName,
        RunRecorder.ToolVersion);

    /// <summary>The row of a run without a transaction, as far as a record depends on it.</summary>
    internal static HistoryRow RunningRow(PlannedMigration migration) => new()
    {
        Version = migration.Version,
        Name = migration.Name,
        Direction = migration.Direction,
        IsRunning = true,
        Checksums = new Dictionary<string, string>(),
    };

    private static string Checksums(SourceMigration? source) => JsonSerializer.Serialize(source?.Checksums() ?? new Dictionary<string, string>(), RecordJson.Default.IReadOnlyDictionaryStringString);

    private object StoredText(PlannedMigration migration) =>
        options.NoStoreText || migration.Source is not { } source ? SqlNull.Bytes : PackedSteps.IsWorth(source) ? new PackedSteps(source) : PackedSteps.Pack(source);

    private static string? Kind(StateMirror? mirror) => mirror?.Kind.ToString().ToLowerInvariant();

    private static object Instance(StateMirror? mirror) => mirror?.InstanceId is { } id ? id : SqlNull.Uuid;

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static string DirectionName(MigrationDirection direction) => direction == MigrationDirection.Up ? "up" : "down";
}
