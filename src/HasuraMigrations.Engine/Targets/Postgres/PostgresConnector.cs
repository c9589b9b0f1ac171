using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Opens sessions of one database, set up so that a batch is one trip and nothing is shared.</summary>
internal sealed class PostgresConnector(HasuraConnection connection)
{
    /// <summary>Seconds of silence after which the system asks the other end whether it is there.</summary>
    internal const int KeepAliveSeconds = 30;

    /// <summary>Seconds between such questions.</summary>
    internal const int KeepAliveInterval = 10;

    private bool _hasOpened;

    internal string Description => connection.ToString();

    /// <summary>True where the connection string asks for details of errors, which may quote rows.</summary>
    internal bool IncludesErrorDetail => PostgresConnectionString.Settings(connection.RevealConnectionString()).Builder.IncludeErrorDetail;

    internal string DatabaseName => connection.DatabaseName ?? "";

    /// <summary>Opens a session of its own.</summary>
    /// <param name="purpose">What is added to the application name, so that a holder of a lock can be recognised.</param>
    /// <param name="keepAlive">Send keep-alive messages, for a session that waits for long.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <param name="answerLimit">How long an answer to a statement of ours may take where the connection string has no <c>Command Timeout</c>; null for ever. Files have no limit.</param>
    /// <exception cref="HasuraMigrationException">DatabaseUnreachable, AuthenticationFailed, DatabaseMissing, ServerReadOnly, ...</exception>
    internal async Task<NpgsqlConnection> OpenAsync(string purpose, bool keepAlive, CancellationToken cancellationToken, TimeSpan? answerLimit = null)
    {
        var session = await new HostAttempts(connection, PostgresConnectionString.Settings(connection.RevealConnectionString()), settings => Adjust(settings, purpose, keepAlive, answerLimit)).OpenAsync(cancellationToken).ConfigureAwait(false);
        await LookalikeServers.RefuseAsync(session, Description, cancellationToken).ConfigureAwait(false);
        _hasOpened = true;
        return session;
    }

    /// <summary>True for an error that another try may not meet: where a session could be opened, the address is right.</summary>
    internal bool IsLoss(HasuraMigrationException e) => _hasOpened && PostgresErrors.IsOfLostSession(e);

    /// <summary>Reads on a session of its own; again on another where that breaks.</summary>
    /// <param name="purpose">What is added to the application name.</param>
    /// <param name="doing">What is done, for messages.</param>
    /// <param name="read">Reads.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">It cannot be read, or the errors of opening, which are not tried again.</exception>
    internal async Task<T> ReadAsync<T>(string purpose, string doing, Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        return await ReadRetries.Pipeline(IsLoss).ExecuteAsync(async token =>
        {
            await using var session = await OpenAsync(purpose, keepAlive: false, token, RunOptions.DefaultReconnectTimeout).ConfigureAwait(false);
            try
            {
                return await read(session, token).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                throw PostgresErrors.Query(e, doing, Description);
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    private static void Adjust(NpgsqlConnectionStringBuilder settings, string purpose, bool keepAlive, TimeSpan? answerLimit)
    {
        settings.Pooling = false;
        settings.Enlist = false;
        settings.Multiplexing = false;
        if (!settings.ShouldSerialize("Command Timeout"))
        {
            settings.CommandTimeout = (int)Math.Ceiling(answerLimit?.TotalSeconds ?? 0);
        }

        settings.MaxAutoPrepare = 0;
        settings.IncludeFailedBatchedCommand = true;
        settings.ClientEncoding = "UTF8";
        // The typed property is marked for removal in favour of a data source, which brings a pool; the keyword stays.
        settings["Server Compatibility Mode"] = "NoTypeLoading";
        settings.ApplicationName = $"{(string.IsNullOrEmpty(settings.ApplicationName) ? "hasura-migrations" : settings.ApplicationName)} {purpose}";
        if (keepAlive)
        {
            settings.KeepAlive = 10;
        }

        if (ConnectionHosts.IsSocket(settings.Host ?? ""))
        {
            // A socket of the file system has no such options.
            settings.TcpKeepAliveTime = settings.TcpKeepAliveInterval = 0;
        }
        else if (!settings.ShouldSerialize("TCP Keepalive") && settings.TcpKeepAliveTime == 0)
        {
            // The system's own two hours are longer than gateways and firewalls remember a connection that is silent.
            settings.TcpKeepAliveTime = KeepAliveSeconds;
            settings.TcpKeepAliveInterval = KeepAliveInterval;
        }
    }
}
