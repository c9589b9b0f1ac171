using System.Security.Authentication;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Opens sessions of one database, set up so that a batch is one trip and nothing is shared.</summary>
internal sealed class PostgresConnector(HasuraConnection connection)
{
    internal string Description => connection.ToString();

    internal string DatabaseName => connection.DatabaseName ?? "";

    /// <summary>Opens a session of its own.</summary>
    /// <param name="purpose">What is added to the application name, so that a holder of a lock can be recognised.</param>
    /// <param name="keepAlive">Send keep-alive messages, for a session that waits for long.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="HasuraMigrationException">DatabaseUnreachable, AuthenticationFailed, DatabaseMissing, ...</exception>
    internal async Task<NpgsqlConnection> OpenAsync(string purpose, bool keepAlive, CancellationToken cancellationToken)
    {
        var settings = PostgresConnectionString.Settings(connection.RevealConnectionString());
        NpgsqlConnection? session = null;
        try
        {
            session = NewSession(settings, purpose, keepAlive);
            await session.OpenAsync(cancellationToken).ConfigureAwait(false);
            await RequireKindAsync(session, settings.SessionOfOnly, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch (Exception e)
        {
            if (session is not null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }

            // The driver opens files of certificates and passwords too, so anything may be thrown.
            if (e is OperationCanceledException or HasuraMigrationException)
            {
                throw;
            }

            throw PostgresErrors.Opening(e, connection, settings);
        }
    }

    private static NpgsqlConnection NewSession(ConnectionSettings settings, string purpose, bool keepAlive)
    {
        var session = new NpgsqlConnection(Keywords(settings, purpose, keepAlive));
        if (settings.Tls != SslProtocols.None)
        {
            session.SslClientAuthenticationOptionsCallback = options => options.EnabledSslProtocols = settings.Tls;
        }

        return session;
    }

    private static string Keywords(ConnectionSettings settings, string purpose, bool keepAlive)
    {
        var keywords = new NpgsqlConnectionStringBuilder(settings.Builder.ConnectionString)
        {
            Pooling = false,
            Enlist = false,
            Multiplexing = false,
            CommandTimeout = 0,
            MaxAutoPrepare = 0,
            IncludeFailedBatchedCommand = true,
            ClientEncoding = "UTF8",
            // Which of several hosts is the primary is asked anew each time.
            HostRecheckSeconds = 0,
            LoadBalanceHosts = false,
            TargetSessionAttributes = settings.Hosts.AreSeveral ? settings.Builder.TargetSessionAttributes ?? "prefer-primary" : null,
        };
        // The typed property is marked for removal in favour of a data source, which brings a pool; the keyword stays.
        keywords["Server Compatibility Mode"] = "NoTypeLoading";
        keywords.ApplicationName = $"{(string.IsNullOrEmpty(keywords.ApplicationName) ? "hasura-migrations" : keywords.ApplicationName)} {purpose}";
        if (keepAlive)
        {
            keywords.TcpKeepAlive = true;
            keywords.KeepAlive = 10;
        }

        return keywords.ConnectionString;
    }

    // The driver looks at this only where it can choose among hosts.
    private async Task RequireKindAsync(NpgsqlConnection session, string? kind, CancellationToken cancellationToken)
    {
        if (kind is null or "any" or "prefer-primary" or "prefer-standby")
        {
            return;
        }

        var row = (await session.RowsAsync("SELECT pg_catalog.pg_is_in_recovery()::text, pg_catalog.current_setting('transaction_read_only')", [], cancellationToken).ConfigureAwait(false))[0];
        var isStandby = row[0] == "true";
        var isReadOnly = isStandby || row[1] == "on";
        var isWanted = kind switch
        {
            "primary" => !isStandby,
            "standby" => isStandby,
            "read-only" => isReadOnly,
            _ => !isReadOnly,
        };
        if (!isWanted)
        {
            throw new HasuraMigrationException("ServerReadOnly", $"Connecting to {connection} failed: the server is {(isStandby ? "a standby" : isReadOnly ? "a read-only primary" : "a primary")}, and target_session_attrs is {kind}.", connection.DatabaseName);
        }
    }
}
