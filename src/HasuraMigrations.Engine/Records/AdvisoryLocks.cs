using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Records;

/// <summary>
/// The two advisory locks of a database. RUN is held by the runner on a session of its own; WORK by each transaction that
/// does the work, because the backend of a killed client goes on and may still commit.
/// </summary>
internal static class AdvisoryLocks
{
    /// <summary>Key of RUN; the letters HsrMigRu.</summary>
    internal const long Run = 0x4873724D69675275;

    /// <summary>Key of WORK; the letters HsrMigWo.</summary>
    internal const long Work = 0x4873724D6967576F;

    /// <summary>SQLSTATE of the fence where another session holds WORK.</summary>
    internal const string WorkBusy = "HM001";

    /// <summary>SQLSTATE of the fence where the session that took RUN has lost it.</summary>
    internal const string RunLockLost = "HM002";

    /// <summary>SQLSTATE of the notice behind the fence.</summary>
    internal const string Started = "HM000";

    /// <summary>
    /// Expressions that make the server notice within about a minute that the client of a session has vanished, so that its
    /// locks do not stay for the two hours that systems wait. Sockets of the file system take and ignore them.
    /// </summary>
    /// <param name="isLocal">Up to the end of the transaction.</param>
    internal static string NoticeLostClient(bool isLocal) => string.Join(", ", ServerKeepalive.Select(s =>
        $"CASE WHEN pg_catalog.current_setting('{s.Name}', true) IS NOT NULL THEN pg_catalog.set_config('{s.Name}', '{s.Value}', {(isLocal ? "true" : "false")}) END"));

    // The last one counts where an answer is under way that nobody takes; servers have it from PostgreSQL 12 on.
    private static readonly (string Name, string Value)[] ServerKeepalive =
    [
        ("tcp_keepalives_idle", $"{KeepAlive.Seconds}"),
        ("tcp_keepalives_interval", $"{KeepAlive.Interval}"),
        ("tcp_keepalives_count", $"{KeepAlive.Retries}"),
        ("tcp_user_timeout", "60000"),
    ];

    /// <summary>
    /// The first statement of every transaction that does work: takes WORK or raises HM001, and raises HM002 unless the
    /// session that took RUN still holds it. The notice tells the client that all before it is committed, and makes the
    /// server send it. The search path is afterwards what it was before.
    /// </summary>
    /// <param name="lockProcess">Process id of the session that holds RUN.</param>
    /// <param name="isSession">Take WORK for the session, for work outside a transaction.</param>
    /// <param name="lockTimeout">Milliseconds for one wait for a lock of a table; 0 waits for ever.</param>
    /// <param name="statementTimeout">Milliseconds for a statement; null keeps what is set.</param>
    /// <param name="signal">Text of the notice. What runs before the fence cannot know it, so it cannot be forged.</param>
    internal static string Fence(int lockProcess, bool isSession, long lockTimeout, long? statementTimeout, Guid signal)
    {
        // For work outside a transaction this block is a transaction of its own, whose end would reset local settings.
        var local = isSession ? "false" : "true";
        var statement = statementTimeout is { } ms ? $"PERFORM pg_catalog.set_config('statement_timeout', '{ms}', {local});" : "";
        // WORK is only tried: a wait in here would keep a transaction open and hide the holder of the lock, so the run polls instead.
        // pg_locks shows a bigint key as classid (high half) and objid (low half) with objsubid 1 (PostgreSQL manual, pg_locks).
        return $"""
            DO $fence$
            DECLARE
                path_before pg_catalog.text := pg_catalog.current_setting('search_path');
            BEGIN
                {OwnPath.InBlock}
                IF NOT pg_catalog.pg_try_advisory{(isSession ? "" : "_xact")}_lock({Work}) THEN
                    RAISE EXCEPTION 'the work lock is held by another session' USING ERRCODE = '{WorkBusy}';
                END IF;
                IF NOT EXISTS (
                    SELECT FROM pg_catalog.pg_locks l
                    WHERE l.locktype = 'advisory' AND l.granted AND l.pid = {lockProcess} AND l.objsubid = 1
                        AND l.classid = {Run >> 32} AND l.objid = {Run & 0xFFFFFFFF}
                        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
                ) THEN
                    RAISE EXCEPTION 'the run lock is no longer held' USING ERRCODE = '{RunLockLost}';
                END IF;
                PERFORM pg_catalog.set_config('lock_timeout', '{lockTimeout}', {local});
                {statement}
                PERFORM {NoticeLostClient(!isSession)};
                PERFORM pg_catalog.set_config('search_path', path_before, true);
                RAISE NOTICE '{signal}' USING ERRCODE = '{Started}';
            END
            $fence$
            """;
    }
}
