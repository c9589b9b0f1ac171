using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// The texts that do work on a database of a server: a guard, the files, and their records, in one transaction. The sessions
/// are the server's own and serve others before and after, so each text cleans up before and behind itself.
/// </summary>
/// <param name="run">How the run goes.</param>
internal sealed class ServerScripts(RunRecorder run)
{
    /// <summary>SQLSTATEs that guards raise.</summary>
    internal const string Locked = AdvisoryLocks.WorkBusy;
    internal const string Abandoned = "HM004";
    internal const string Moved = "HM005";
    internal const string RolledBack = "HM009";

    private const string ReadCommitted = "read committed";

    private const string ResetPath = "RESET search_path";

    // What stays where all else is reset: what a server sets for itself when it connects, and what we keep for our own statements.
    private const string Kept = """
        DECLARE
            kept_encoding pg_catalog.text := pg_catalog.current_setting('client_encoding');
            kept_messages pg_catalog.text := pg_catalog.current_setting('client_min_messages');
            kept_start pg_catalog.text := pg_catalog.current_setting('hasura_migrations.started', true);
            kept_answer pg_catalog.text := pg_catalog.current_setting('hasura_migrations.read', true);
        """;

    // The path is ours while this runs.
    private const string Clean = $"""
        RESET ALL;
            {OwnPath.InBlock}
            PERFORM pg_catalog.set_config('client_encoding', kept_encoding, false), pg_catalog.set_config('client_min_messages', kept_messages, false),
                pg_catalog.set_config('hasura_migrations.started', kept_start, true), pg_catalog.set_config('hasura_migrations.read', kept_answer, true);
        """;

    /// <summary>What comes before the text of every SQLSTATE that a guard raises; a file that raises one does not know it.</summary>
    internal string Signal { get; } = $"hasura_migrations {Guid.NewGuid():N}: ";

    /// <summary>True where a guard of ours raised this.</summary>
    internal bool IsOurs(HasuraServerException error, string sqlState) => error.SqlState == sqlState && error.DatabaseMessage?.StartsWith(Signal, StringComparison.Ordinal) == true;

    /// <summary>A text without the signal.</summary>
    internal string Plain(string? text) => text?.Replace(Signal, "", StringComparison.Ordinal) ?? "";

    /// <summary>What a first write has to do before: make the history, take over what others applied.</summary>
    internal List<OwnStatement> Prelude { get; } = [];

    /// <summary>Isolation of the server's own transactions.</summary>
    internal string Isolation { get; set; } = ReadCommitted;

    /// <summary>The number of the newest entry of the log when it was read; a guard refuses where it moved.</summary>
    internal long Serial { get; set; }

    /// <summary>Migrations with their records; they all happen or none.</summary>
    /// <param name="migrations">The migrations.</param>
    /// <param name="attempts">Their attempts.</param>
    /// <param name="isChecked">Let the server compare its metadata with the tables afterwards.</param>
    /// <param name="before">The attempt in the same request that must have been recorded last; null for the first of a request.</param>
    internal IReadOnlyList<ScriptPart> Work(IReadOnlyList<PlannedMigration> migrations, IReadOnlyList<Guid> attempts, bool isChecked, Guid? before = null)
    {
        var guard = Guard(attempts, takesRun: true, isCounted: true, migrations.Count == 1 ? migrations[0].TransactionOptions : "", before);
        List<ScriptPart> parts = [new(guard), .. before is null ? PreludeParts() : []];
        for (var i = 0; i < migrations.Count; i++)
        {
            var migration = migrations[i];
            if (i > 0)
            {
                parts.Add(new ScriptPart(run.Settings(), Index: i));
            }

            // A text without a statement is an error to the server.
            foreach (var step in migration.Steps.Where(s => s.HasWork))
            {
                parts.AddRange(step.Actions.Count > 0
                    ? step.Actions.Select(a => new ScriptPart("", step, i, Action: a))
                    : [new ScriptPart(Text(step), step, i, isChecked && RunSqlRule.IsChecked(step.Script.Content))]);
                parts.Add(AfterFile(migration) with { Index = i });
            }

            var origin = migration.IsRecordOnly ? MigrationOrigin.Baseline : MigrationOrigin.Module;
            parts.AddRange(run.Records.Record(migration, attempts[i], origin, migration.IsRecordOnly ? "recorded" : "succeeded").Select(s => new ScriptPart(s.Inline(), Index: i)));
        }

        parts.Add(new ScriptPart(Answer(attempts), Index: migrations.Count - 1));
        return parts;
    }

    /// <summary>Statements of ours under the locks.</summary>
    /// <param name="statements">The statements.</param>
    /// <param name="attempts">The attempt.</param>
    /// <param name="isCounted">Refuse where the history moved since it was read.</param>
    internal IReadOnlyList<ScriptPart> Own(IEnumerable<OwnStatement> statements, IReadOnlyList<Guid> attempts, bool isCounted) =>
    [
        new(Guard(attempts, takesRun: true, isCounted)),
        .. PreludeParts(),
        .. statements.Select(s => new ScriptPart(s.Inline())),
        new(Answer(attempts)),
    ];

    /// <summary>Statements of a file that runs one by one, with what they change in the record.</summary>
    /// <param name="attempts">The attempt.</param>
    /// <param name="claim">A query that finds the row this rests on; null for none, where the history must be as it was read.</param>
    /// <param name="statements">Statements of the file.</param>
    /// <param name="records">Statements of ours.</param>
    /// <param name="transactionOptions">Modes of the transaction; empty for those of the server.</param>
    internal IReadOnlyList<ScriptPart> Unit(IReadOnlyList<Guid> attempts, OwnStatement? claim, IReadOnlyList<string> statements, IEnumerable<OwnStatement> records, string transactionOptions = "") =>
    [
        new(Guard(attempts, takesRun: true, isCounted: claim is null, transactionOptions)),
        .. PreludeParts(),
        .. claim is null ? Array.Empty<ScriptPart>() : [Claimed(claim)],
        .. statements.Select(s => new ScriptPart(s) { Path = ScriptPath.OfUser }),
        .. statements.Count == 0 ? Array.Empty<ScriptPart>() : [Ending([.. run.AfterFile(), CleanUp])],
        .. records.Select(r => new ScriptPart(r.Inline())),
        new(Answer(attempts)),
    ];

    /// <summary>Statements of a block that leaves nothing: rolled back, or read only.</summary>
    internal IReadOnlyList<ScriptPart> Discarded(IReadOnlyList<Guid> attempts, OwnStatement claim, IReadOnlyList<string> statements, string transactionOptions) =>
    [
        new(Guard(attempts, takesRun: true, isCounted: false, transactionOptions)),
        Claimed(claim),
        .. statements.Select(s => new ScriptPart(s) { Path = ScriptPath.OfUser }),
        // The server ends the transaction that follows.
        Ending(["ROLLBACK", "BEGIN", CleanUp]),
        new(Answer(attempts)),
    ];

    private ScriptPart Claimed(OwnStatement claim) =>
        new($"DO $hm$ BEGIN IF NOT EXISTS ({claim.Inline()}) THEN RAISE EXCEPTION '{Signal}another run took over' USING ERRCODE = '{Moved}'; END IF; END $hm$");

    /// <summary>
    /// What goes before a statement outside a transaction: a clean session, and whether the attempt may still be made. It is
    /// put in the log, so that a gateway that sends the request again does not make it twice.
    /// </summary>
    internal string AloneGuard(PlannedMigration migration, Guid attempt) => $"""
        {ResetPath};
        DO $hm$
        {Kept}
        BEGIN
            {Clean}
            IF NOT pg_catalog.pg_try_advisory_xact_lock({AdvisoryLocks.Work}) THEN
                RAISE EXCEPTION '{Signal}another session holds the work lock' USING ERRCODE = '{Locked}';
            END IF;
            {Admission([attempt], isCounted: false)}
            {run.Records.LogFailure(migration, attempt, "progressed", null, "").Inline()};
            PERFORM pg_catalog.set_config('application_name', '{AttemptSessions.ApplicationName(attempt)}', false);
        END $hm$
        """;

    /// <summary>Sets back what was set in a session. In a transaction our path stays up to its end.</summary>
    internal const string CleanUp = $"{ResetPath}; DO $hm$ {Kept} BEGIN {Clean} END $hm$";

    /// <summary>A question with the settings and the path of a file, which end with its transaction. It qualifies all it names.</summary>
    internal static string Ask(IEnumerable<string> settings, OwnStatement question) => string.Join(";\n",
    [
        .. settings,
        $"DO $hm$ BEGIN PERFORM pg_catalog.set_config('hasura_migrations.read', coalesce(({question.Inline()}), ''), true); END $hm$",
        CleanUp,
        "SELECT pg_catalog.current_setting('hasura_migrations.read') AS reading WHERE pg_catalog.current_setting('hasura_migrations.read') <> ''",
    ]);

    /// <summary>
    /// Waits for nothing: takes WORK or is refused, and then either finds the records of attempts or makes sure that they
    /// can never come to be.
    /// </summary>
    internal IReadOnlyList<ScriptPart> Resolution(PlannedMigration migration, IReadOnlyList<Guid> attempts) =>
    [
        new(Guard([], takesRun: false, isCounted: false)),
        new(CreateHistory()),
        .. attempts.Select(a => new ScriptPart(new OwnStatement(
            "INSERT INTO hasura_migrations.log (attempt_id, database_name, version, name, direction, outcome, applied_by_host, tool_version) SELECT $1, $2, $3, $4, $5, 'abandoned', $6, $7 WHERE NOT EXISTS (SELECT FROM hasura_migrations.log WHERE attempt_id = $1)",
            a,
            run.Database,
            migration.LoggedVersion,
            migration.Name,
            migration.Direction == MigrationDirection.Up ? "up" : "down",
            Environment.MachineName,
            RunRecorder.ToolVersion).Inline())),
        new(Answer(attempts)),
    ];

    /// <summary>The first statements of the work, in a text that always rolls back.</summary>
    internal IReadOnlyList<ScriptPart> Trial(IReadOnlyList<(PlannedMigration Migration, PlannedStep Step, SqlStatement Statement)> statements) =>
    [
        new(Guard([], takesRun: true, isCounted: false, statements[0].Migration.TransactionOptions)),
        .. PreludeParts(),
        .. statements.SelectMany((s, i) => i > 0 && statements[i - 1].Migration is var last && last.Version != s.Migration.Version
            ? [AfterFile(last), new(run.Settings()), new(s.Statement.Text, s.Step)]
            : (ScriptPart[])[new(s.Statement.Text, s.Step)]),
        new($"DO $hm$ BEGIN RAISE EXCEPTION '{Signal}tried' USING ERRCODE = '{RolledBack}'; END $hm$"),
    ];

    /// <summary>Makes the history where it is not there yet.</summary>
    internal static string CreateHistory() => $"""
        DO $hm$
        BEGIN
        IF pg_catalog.to_regclass('hasura_migrations.history') IS NULL THEN
        IF pg_catalog.to_regnamespace('hasura_migrations') IS NULL THEN
        {SqlResource.CreateHistorySchema}
        END IF;
        {SqlResource.CreateHistory}
        END IF;
        END $hm$
        """;

    /// <summary>Makes the table of a kind of files where it is not there yet.</summary>
    internal static string CreateFiles(FileKind kind) => $"""
        DO $hm$
        BEGIN
        IF pg_catalog.to_regclass('hasura_migrations.{FileRecords.Table(kind)}') IS NULL THEN
        {SqlResource.CreateFiles(kind)}
        END IF;
        END $hm$
        """;

    /// <summary>A guard: clean session, locks, and whether the attempt may still be made.</summary>
    /// <param name="attempts">Attempts that may have been given up; none to ask for none.</param>
    /// <param name="takesRun">Take RUN too, so that no other run is at work.</param>
    /// <param name="isCounted">Refuse where the history moved since it was read.</param>
    /// <param name="transactionOptions">Modes of the file's own BEGIN; empty without.</param>
    /// <param name="before">The attempt that must have been recorded last; null for the newest that was read.</param>
    internal string Guard(IReadOnlyList<Guid> attempts, bool takesRun, bool isCounted, string transactionOptions = "", Guid? before = null)
    {
        long[] keys = takesRun ? [AdvisoryLocks.Run, AdvisoryLocks.Work] : [AdvisoryLocks.Work];
        var take = string.Join(" AND ", keys.Select(k => $"pg_catalog.pg_try_advisory_xact_lock({k})"));
        var statementTimeout = run.Options.StatementTimeout is { } t ? $"PERFORM pg_catalog.set_config('statement_timeout', '{(long)t.TotalMilliseconds}', true);" : "";
        return $"""
            {Reopen(transactionOptions)}RESET SESSION AUTHORIZATION; RESET ROLE; {ResetPath};
            DO $hm$
            {Kept}
            BEGIN
                {Clean}
                IF NOT ({take}) THEN
                    RAISE EXCEPTION '{Signal}another session holds the lock' USING ERRCODE = '{Locked}';
                END IF;
                PERFORM pg_catalog.set_config('lock_timeout', '{(long)run.Options.DdlAttempt.TotalMilliseconds}', true);
                PERFORM pg_catalog.set_config('hasura_migrations.started', pg_catalog.clock_timestamp()::text, true);
                {statementTimeout}
                {(attempts.Count > 0 ? Admission(attempts, isCounted, before) : "")}
            END $hm$
            """;
    }

    /// <summary>A query for what became of attempts, and the newest number of the log.</summary>
    internal string Answer(IReadOnlyList<Guid> attempts) => new OwnStatement(
        """
        SELECT l.attempt_id::text AS attempt, l.outcome, (extract(epoch FROM l.duration) * 1000)::text AS milliseconds,
            (SELECT max(n.id) FROM hasura_migrations.log n WHERE n.database_name = $2)::text AS serial
        FROM hasura_migrations.log l WHERE l.attempt_id = ANY ($1) ORDER BY l.id
        """,
        attempts.ToArray(),
        run.Database).Inline();

    private string Admission(IReadOnlyList<Guid> attempts, bool isCounted, Guid? before = null)
    {
        var newest = before is { } attempt
            ? new OwnStatement("(SELECT l.attempt_id FROM hasura_migrations.log l WHERE l.database_name = $1 ORDER BY l.id DESC LIMIT 1) IS DISTINCT FROM $2", run.Database, attempt)
            : new OwnStatement("coalesce((SELECT max(l.id) FROM hasura_migrations.log l WHERE l.database_name = $1), 0) <> $2", run.Database, Serial);
        var count = isCounted
            ? $"""
            IF {newest.Inline()} THEN
                        RAISE EXCEPTION '{Signal}the history moved since it was read' USING ERRCODE = '{Moved}';
                    END IF;
            """
            : "";
        var none = isCounted && Serial > 0 ? $"ELSE RAISE EXCEPTION '{Signal}the history is gone' USING ERRCODE = '{Moved}';" : "";
        return $"""
            IF pg_catalog.to_regclass('hasura_migrations.log') IS NOT NULL THEN
                    IF EXISTS (SELECT FROM hasura_migrations.log l WHERE l.attempt_id = ANY ({OwnStatement.Literal(attempts.ToArray())})) THEN
                        RAISE EXCEPTION '{Signal}the attempt was given up' USING ERRCODE = '{Abandoned}';
                    END IF;
                    {count}
                {none}
                END IF;
            """;
    }

    // In a transaction that keeps its first view, the guard would take the lock and still not see what its last holder did.
    private string Reopen(string options) => (options.Length, Isolation) switch
    {
        ( > 0, _) => $"COMMIT; BEGIN {options}; ",
        (_, ReadCommitted) => "",
        _ => "COMMIT; BEGIN ISOLATION LEVEL READ COMMITTED; ",
    };

    private IEnumerable<ScriptPart> PreludeParts() => Prelude.Select(s => new ScriptPart(s.Inline()));

    private ScriptPart AfterFile(PlannedMigration migration)
    {
        // RESET ALL passes over what SET LOCAL ... TO DEFAULT hides, and that comes back with the end of the transaction.
        var own = migration.Steps.SelectMany(s => s.Statements).SelectMany(s => s.Settings).Where(s => !s.IsLocal).Select(s => s.Name)
            .Append("statement_timeout").Distinct().Where(n => n is not (null or "all" or "role" or "session_authorization" or "search_path" or "client_encoding" or "client_min_messages"))
            .Select(n => $"RESET {string.Join('.', n!.Split('.').Select(SqlName.Quote))}");
        return Ending([.. run.AfterFile(), "CLOSE ALL", "DISCARD TEMP", .. own, CleanUp]);
    }

    private static ScriptPart Ending(IEnumerable<string> statements) => new(string.Join(";\n", statements)) { Path = ScriptPath.FromUser };

    private static string Text(PlannedStep step)
    {
        // Blanks keep the lines where they are.
        var text = step.Script.Text.ToCharArray();
        foreach (var statement in step.LeftOut)
        {
            for (var i = statement.Start; i < statement.Start + statement.Length; i++)
            {
                text[i] = text[i] is '\n' or '\r' ? text[i] : ' ';
            }
        }

        return new string(text);
    }
}
