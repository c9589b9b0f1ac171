namespace HasuraMigrations.Engine.Records;

/// <summary>
/// The two advisory locks of a database. RUN is held by the runner on a session of its own; WORK by each transaction that
/// does the work, because the backend of a killed client goes on and may still commit.
/// </summary>
internal static class AdvisoryLocks
{
    // The last one counts where an answer is under way that nobody takes.
    private static readonly (string Name, string Value, int Since)[] ServerKeepalive =
    [
        ("tcp_keepalives_idle", $"{KeepAlive.Seconds}", 0),
        ("tcp_keepalives_interval", $"{KeepAlive.Interval}", 0),
        ("tcp_keepalives_count", $"{KeepAlive.Retries}", 0),
        ("tcp_user_timeout", "60000", 12),
    ];

    /// <summary>Key of RUN; the letters HsrMigRu.</summary>
    internal const long Run = 0x4873724D69675275;

    /// <summary>Key of WORK; the letters HsrMigWo.</summary>
    internal const long Work = 0x4873724D6967576F;

    /// <summary>Key of RELEASE, which a whole release holds on the database of the metadata; the letters HsrMigRe.</summary>
    internal const long Release = 0x4873724D69675265;

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
    internal static string NoticeLostClient { get; } = string.Join(", ", ServerKeepalive.Select(s =>
        $"CASE WHEN pg_catalog.current_setting('{s.Name}', true) IS NOT NULL THEN pg_catalog.set_config('{s.Name}', '{s.Value}', false) END"));

    /// <summary>A query for the sessions that hold a lock, for <see cref="HolderText"/>.</summary>
    /// <param name="keys">Keys of locks.</param>
    internal static OwnStatement Holders(params long[] keys) => new(SqlResource.LockHolder, keys);

    /// <summary>The sessions that hold a lock, in words.</summary>
    /// <param name="rows">The rows of <see cref="Holders"/>.</param>
    internal static string HolderText(IReadOnlyCollection<string?[]> rows) =>
        rows.Count == 0 ? "it has just ended" : string.Join("; ", rows.Select(r => $"pid {r[0]}, application '{r[1]}', {r[2]}@{r[3]}, connected since {r[4]}"));

    /// <summary>
    /// The first statement of every transaction that does work: takes WORK or raises HM001, and raises HM002 unless the
    /// session that took RUN still holds it. The notice tells the client that all before it is committed, and makes the
    /// server send it. It names nothing that a search path could change.
    /// </summary>
    /// <param name="holder">The session that holds RUN.</param>
    /// <param name="isSession">Take WORK for the session, for work outside a transaction.</param>
    /// <param name="isFirst">Also look up whose RUN is. That costs as much as a small migration, so it is done once for a group.</param>
    /// <param name="signal">Text of the notice. What runs before the fence cannot know it, so it cannot be forged.</param>
    internal static string Fence(RunHolder holder, bool isSession, bool isFirst, Guid signal)
    {
        // pg_locks shows a bigint key as classid (high half) and objid (low half) with objsubid 1 (PostgreSQL manual, pg_locks).
        var lookup = isFirst ? $"""
             OR NOT EXISTS (
                    SELECT FROM pg_catalog.pg_locks l
                    WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted AND l.pid OPERATOR(pg_catalog.=) {holder.ProcessId} AND l.objsubid OPERATOR(pg_catalog.=) 1
                        AND l.classid OPERATOR(pg_catalog.=) {Run >> 32}::pg_catalog.oid AND l.objid OPERATOR(pg_catalog.=) {Run & 0xFFFFFFFF}::pg_catalog.oid
                        AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
                )
            """ : "";
        // WORK is only tried: a wait in here would keep a transaction open and hide the holder of the lock, so the run polls instead.
        return $"""
            DO $fence$
            BEGIN
                IF NOT pg_catalog.pg_try_advisory{(isSession ? "" : "_xact")}_lock({Work}) THEN
                    RAISE EXCEPTION 'the work lock is held by another session' USING ERRCODE = '{WorkBusy}';
                END IF;
                IF pg_catalog.pg_try_advisory_xact_lock_shared({holder.Token}){lookup} THEN
                    RAISE EXCEPTION 'the run lock is no longer held' USING ERRCODE = '{RunLockLost}';
                END IF;
                RAISE NOTICE '{signal}' USING ERRCODE = '{Started}';
            END
            $fence$
            """;
    }

    /// <summary>What follows a fence: limits of time, and how the server notices a lost client.</summary>
    /// <param name="isSession">For work outside a transaction, whose next end would reset local settings.</param>
    /// <param name="lockTimeout">Milliseconds for one wait for a lock of a table; 0 waits for ever.</param>
    /// <param name="statementTimeout">Milliseconds for a statement; null keeps what is set.</param>
    /// <param name="server">Version of PostgreSQL.</param>
    internal static IEnumerable<string> Settings(bool isSession, long lockTimeout, long? statementTimeout, Version server)
    {
        var set = isSession ? "SET" : "SET LOCAL";
        yield return $"{set} lock_timeout = {lockTimeout}";
        if (statementTimeout is { } ms)
        {
            yield return $"{set} statement_timeout = {ms}";
        }

        foreach (var (name, value, _) in ServerKeepalive.Where(s => server.Major >= s.Since))
        {
            yield return $"{set} {name} = {value}";
        }
    }
}

/// <summary>The session that holds RUN, as a fence finds it.</summary>
/// <param name="ProcessId">Its server process.</param>
/// <param name="Token">
/// Key of a lock that it took together with RUN and that no other run takes, since the number is random. While nobody can share that
/// lock, the session is there. To ask so costs far less than a look at all locks.
/// </param>
internal sealed record RunHolder(int ProcessId, long Token);
