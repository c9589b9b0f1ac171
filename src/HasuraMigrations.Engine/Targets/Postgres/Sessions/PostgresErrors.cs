using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>Turns the driver's exceptions into errors with an id. The driver's own text is used only where it holds no data.</summary>
internal static class PostgresErrors
{
    /// <summary>An error while connecting. Neither its message nor a cause repeats what the connection string hides.</summary>
    /// <param name="attempts">What each host that was tried said.</param>
    /// <param name="connection">What was connected to.</param>
    /// <param name="settings">Its connection string.</param>
    internal static HasuraMigrationException Opening(IReadOnlyList<(string Host, Exception Error)> attempts, HasuraConnection connection, ConnectionSettings settings)
    {
        var hidden = new HiddenValues(settings);
        var e = attempts[0].Error;
        var server = attempts.Select(a => ServerError(a.Error)).FirstOrDefault(s => s is not null);
        var (id, why) = server?.SqlState switch
        {
            "28P01" or "28000" => ("AuthenticationFailed", server.MessageText),
            "3D000" => ("DatabaseMissing", server.MessageText),
            "53300" => ("TooManyConnections", server.MessageText),
            "42501" => ("PermissionMissing", server.MessageText),
            not null => ("DatabaseUnreachable", $"{server.SqlState}: {server.MessageText}"),
            null when e.Message.Contains("No password", StringComparison.OrdinalIgnoreCase) => ("AuthenticationFailed", "the server requires a password and none was given"),
            null when attempts.Count == 1 => ("DatabaseUnreachable", Cause(e).Message),
            null => ("DatabaseUnreachable", string.Join("; ", attempts.Select(a => $"{a.Host}: {Cause(a.Error).Message.TrimEnd('.')}"))),
        };
        if (hidden.AreIn(why))
        {
            why = server is null ? $"a file or value that the connection string specifies cannot be used ({Cause(e).GetType().Name})" : $"the server answered with SQLSTATE {server.SqlState}";
        }

        // Nobody has confirmed a user or a database where no server answered.
        var place = server is null ? connection.Address : connection.ToString();
        var failure = new HasuraMigrationException(id, $"Connecting to {place} failed: {why.TrimEnd('.')}.", connection.DatabaseName, hidden.AreIn(e.ToString()) ? null : e);
        return server is null && AdviceOfTls(e) is { } advice ? failure.Recommend(advice) : failure;
    }

    // The server answered: its address is right, and what to do is a matter of TLS.
    private static string? AdviceOfTls(Exception e) =>
        TlsFailure.IsOfCertificate(e) ? "Specify the certificate of its authority with sslrootcert, or connect with the host name in its certificate. sslmode=require encrypts without checking the certificate."
        : e.Message.StartsWith("SSL connection requested", StringComparison.Ordinal) ? "The server has no TLS. Turn it on with 'ssl = on' in its configuration, or, in a network that you trust, connect without it: sslmode=disable."
        : null;

    /// <summary>An error of a statement of our own.</summary>
    internal static HasuraMigrationException Query(Exception e, string doing, string description)
    {
        if (e.InnerException is TimeoutException)
        {
            return new HasuraMigrationException("DatabaseUnreachable", $"While {doing}, {description} did not answer in time; 'Command Timeout' in the connection string sets the limit in seconds.", description, e);
        }

        if (e is not PostgresException server)
        {
            return new HasuraMigrationException("DatabaseUnreachable", $"The connection to {description} broke while {doing}: {(e.InnerException ?? e).Message.TrimEnd('.')}.", description, e);
        }

        var id = server.SqlState switch
        {
            "42501" => "PermissionMissing",
            "25006" => "ServerReadOnly",
            "57P01" or "57P02" or "57P03" => "DatabaseUnreachable",
            _ => "QueryFailed",
        };
        return new HasuraMigrationException(id, $"While {doing} on {description}, the server reported {server.SqlState}: {server.MessageText}.", description, e);
    }

    /// <summary>True for an error of <see cref="Query"/> that a new session may not meet. A statement that took too long would again.</summary>
    internal static bool IsOfLostSession(HasuraMigrationException e) => e is { ErrorId: "DatabaseUnreachable", InnerException: not { InnerException: TimeoutException } };

    /// <summary>True where the connection is gone, so that nothing is known about what it was doing.</summary>
    internal static bool IsBroken(Exception e, NpgsqlConnection session) =>
        session.FullState.HasFlag(System.Data.ConnectionState.Broken) || session.State != System.Data.ConnectionState.Open || e is not (PostgresException or OperationCanceledException);

    /// <summary>True where the server ended the session itself. A file can raise the same SQLSTATE, but only as an error.</summary>
    internal static bool EndsSession(PostgresException e) => e.InvariantSeverity is "FATAL" or "PANIC";

    /// <summary>The server's error in an exception; null where it has none.</summary>
    internal static PostgresException? ServerError(Exception e) => e as PostgresException ?? e.InnerException as PostgresException;

    private static Exception Cause(Exception e) => e.InnerException ?? e;
}
