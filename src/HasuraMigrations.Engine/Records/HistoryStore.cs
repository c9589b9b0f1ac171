using System.Globalization;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>Queries for the history and the log of one source, and what their rows say.</summary>
internal static class HistoryStore
{
    /// <summary>True for a SQLSTATE that tells of a table or column that is not there or is another.</summary>
    internal static bool IsLack(string? sqlState) => sqlState is "42703" or "42P01" or "42883" or "42804";

    /// <summary>The error for a history without what it should have.</summary>
    internal static HasuraMigrationException Lacking(string? why, string description, Exception cause) =>
        new("HistoryUnreadable", $"The table hasura_migrations.history on {description} does not have the expected structure: {why}.", description, cause);

    /// <summary>The query for the history.</summary>
    internal static OwnStatement History(string database) => new(SqlResource.ReadHistory, database);

    /// <summary>The query for the identity of a database: cluster, name, and the newest entry of the log.</summary>
    /// <param name="hasLog">Whether there is a log.</param>
    internal static OwnStatement Identity(bool hasLog) => new(
        $"SELECT (SELECT c.system_identifier FROM pg_catalog.pg_control_system() c)::pg_catalog.text AS system, pg_catalog.current_database()::pg_catalog.text AS name, {(hasLog ? "(SELECT coalesce(pg_catalog.max(l.id), 0) FROM hasura_migrations.log l)::pg_catalog.text" : "'0'::pg_catalog.text")} AS serial");

    /// <summary>The identity that the row of <see cref="Identity"/> tells.</summary>
    internal static TargetIdentity ToIdentity(string?[] row) => new(row[0]!, row[1]!, long.Parse(row[2]!, CultureInfo.InvariantCulture));

    /// <summary>The query for the texts that are kept.</summary>
    internal static OwnStatement StoredTexts(string database) => new(
        "SELECT version::text, name, pg_catalog.encode(step_texts, 'base64') FROM hasura_migrations.history WHERE database_name = $1 AND step_texts IS NOT NULL",
        database);

    /// <summary>The texts of the rows of <see cref="StoredTexts"/>.</summary>
    internal static Dictionary<long, SourceMigration> Stored(IEnumerable<string?[]> rows) =>
        rows.Select(r => Stored(long.Parse(r[0]!, CultureInfo.InvariantCulture), r[1]!, PackedSteps.Unpack(Convert.FromBase64String(r[2]!)))).ToDictionary(m => m.Version);

    /// <summary>The query for the newest entries of the log, oldest first. Steps of a run without a transaction are its own business.</summary>
    internal static OwnStatement Log(string database, int newest) => new(
        """
        SELECT n.* FROM (
            SELECT l.id::pg_catalog.text AS id, l.attempt_id::pg_catalog.text AS attempt, l.version::pg_catalog.text AS version, l.name, l.direction, l.outcome,
                pg_catalog.to_char(l.logged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS logged,
                (extract(epoch FROM l.duration) OPERATOR(pg_catalog.*) 1000)::pg_catalog.text AS milliseconds,
                pg_catalog.concat_ws('@', l.applied_by_role, l.applied_by_host) AS applied_by, l.tool_version, l.sqlstate, l.error
            FROM hasura_migrations.log l
            WHERE l.database_name OPERATOR(pg_catalog.=) $1 AND l.outcome OPERATOR(pg_catalog.<>) 'progressed'
            ORDER BY l.id DESC LIMIT $2
        ) n ORDER BY n.id::pg_catalog.int8
        """,
        database,
        newest);

    /// <summary>An entry of the rows of <see cref="Log"/>. A server gives null as the text <c>NULL</c>.</summary>
    internal static MigrationLogEntry ToLogEntry(string database, string?[] row)
    {
        string? At(int i) => row[i] is null or "NULL" ? null : row[i];
        return new MigrationLogEntry
        {
            Database = database,
            Id = long.Parse(row[0]!, CultureInfo.InvariantCulture),
            AttemptId = Guid.Parse(row[1]!),
            Version = long.Parse(row[2]!, CultureInfo.InvariantCulture),
            Name = row[3],
            Direction = row[4] == "up" ? MigrationDirection.Up : MigrationDirection.Down,
            Outcome = row[5]!,
            LoggedAt = DateTimeOffset.Parse(row[6]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            Duration = At(7) is { } ms ? TimeSpan.FromMilliseconds(double.Parse(ms, CultureInfo.InvariantCulture)) : null,
            AppliedBy = At(8),
            ToolVersion = At(9),
            SqlState = At(10),
            Error = At(11),
        };
    }

    /// <summary>The tables of Hasura's record.</summary>
    /// <param name="versions">Rows of version and dirty flag.</param>
    /// <param name="settings">Rows of name and value; null where there is no such table.</param>
    internal static StateTable ToTable(IEnumerable<string?[]> versions, IEnumerable<string?[]>? settings) => new(
        versions.ToDictionary(r => long.Parse(r[0]!, CultureInfo.InvariantCulture), r => r[1] is "true" or "t"),
        settings?.ToDictionary(r => r[0]!, r => r[1] ?? ""));

    private static SourceMigration Stored(long version, string name, Dictionary<string, string> texts) =>
        new(version, name, "", [.. Enum.GetValues<MigrationStepKind>()
            .Where(k => texts.ContainsKey(SourceStep.FileName(k)))
            .Select(k => new SourceStep(k, StepText.Of(texts[SourceStep.FileName(k)])))]);

    /// <summary>A row of <see cref="History"/>.</summary>
    internal static HistoryRow ToRow(string?[] r) => new()
    {
        Version = long.Parse(r[0]!, CultureInfo.InvariantCulture),
        Name = r[1]!,
        Direction = r[2] == "up" ? MigrationDirection.Up : MigrationDirection.Down,
        IsRunning = r[3] == "running",
        Checksums = RecordJson.Texts(r[4]!),
        IsChecksumAssumed = r[5] == "true",
        AppliedAt = DateTimeOffset.Parse(r[6]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        AppliedBy = r[7] ?? "",
        Origin = Enum.Parse<MigrationOrigin>(r[8]!, ignoreCase: true),
        FinishedStatements = int.Parse(r[9]!, CultureInfo.InvariantCulture),
        FinishedHash = r[10],
        IsNextInDoubt = r[11] == "true",
        HasStoredText = r[12] == "true",
        Mirror = r[13] is null ? null : new StateMirror(Enum.Parse<StateStoreKind>(r[13]!, ignoreCase: true), r[14] ?? "", r[15] is null ? null : Guid.Parse(r[15]!)),
    };
}
