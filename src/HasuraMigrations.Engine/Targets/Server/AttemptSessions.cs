namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>How the sessions of a server that run an attempt are marked, found and stopped. They are the server's own.</summary>
internal static class AttemptSessions
{
    /// <summary>A comment that tells the session of an attempt.</summary>
    internal static string Marker(Guid attempt) => $"/* hasura_migrations {attempt} */ ";

    /// <summary>The application name of a session that is at statements outside a transaction.</summary>
    internal static string ApplicationName(Guid attempt) => $"hasura_migrations {attempt}";

    /// <summary>Asks the sessions that run an attempt to stop.</summary>
    internal static string Cancel(Guid attempt) =>
        $"SELECT pg_catalog.pg_cancel_backend(a.pid)::text FROM pg_catalog.pg_stat_activity a WHERE a.pid <> pg_catalog.pg_backend_pid() AND a.state = 'active' AND pg_catalog.left(a.query, 200) LIKE '%hasura_migrations {attempt} */%'";

    /// <summary>An expression for how many sessions are at work for a run.</summary>
    internal const string Working = """
        (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a
             WHERE a.pid <> pg_catalog.pg_backend_pid() AND a.datname = pg_catalog.current_database() AND a.state = 'active'
                AND pg_catalog.left(a.query, 200) LIKE '%/* hasura_migrations %')::text
        """;

    /// <summary>
    /// The sessions that run an attempt outside a transaction. Between two of its statements a session is idle for a moment;
    /// one that stays idle stopped at an error, before it could set its name back.
    /// </summary>
    internal static string Running(Guid attempt) => $"""
        SELECT a.pid::text FROM pg_catalog.pg_stat_activity a
        WHERE a.pid <> pg_catalog.pg_backend_pid()
            AND (a.state = 'active' AND pg_catalog.left(a.query, 200) LIKE '%hasura_migrations {attempt} */%'
                OR a.application_name = '{ApplicationName(attempt)}' AND (a.state = 'active' OR a.state_change > pg_catalog.clock_timestamp() - interval '2 seconds'))
        """;
}
