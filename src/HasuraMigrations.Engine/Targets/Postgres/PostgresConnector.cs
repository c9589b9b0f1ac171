using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Opens sessions of one database, set up so that a batch is one trip and nothing is shared.</summary>
internal sealed class PostgresConnector(HasuraConnection connection)
{
    internal string Description => connection.ToString();

    /// <summary>True where the connection string asks for details of errors, which may quote rows.</summary>
    internal bool IncludesErrorDetail => new NpgsqlConnectionStringBuilder(connection.RevealConnectionString()).IncludeErrorDetail;

    internal string DatabaseName => connection.DatabaseName ?? "";

    /// <summary>Opens a session of its own.</summary>
    /// <param name="purpose">What is added to the application name, so that a holder of a lock can be recognised.</param>
    /// <param name="keepAlive">Send keep-alive messages, for a session that waits for long.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="HasuraMigrationException">DatabaseUnreachable, AuthenticationFailed, DatabaseMissing, ...</exception>
    internal async Task<NpgsqlConnection> OpenAsync(string purpose, bool keepAlive, CancellationToken cancellationToken)
    {
        var session = new NpgsqlConnection(Settings(purpose, keepAlive));
        try
        {
            await session.OpenAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch (Exception e)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            if (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException or ArgumentException or InvalidOperationException)
            {
                throw PostgresErrors.Opening(e, connection);
            }

            throw;
        }
    }

    private string Settings(string purpose, bool keepAlive)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection.RevealConnectionString())
        {
            Pooling = false,
            Enlist = false,
            Multiplexing = false,
            CommandTimeout = 0,
            MaxAutoPrepare = 0,
            IncludeFailedBatchedCommand = true,
            ClientEncoding = "UTF8",
        };
        // The typed property is marked for removal in favour of a data source, which brings a pool; the keyword stays.
        settings["Server Compatibility Mode"] = "NoTypeLoading";
        settings.ApplicationName = $"{(string.IsNullOrEmpty(settings.ApplicationName) ? "hasura-migrations" : settings.ApplicationName)} {purpose}";
        if (keepAlive)
        {
            settings.TcpKeepAlive = true;
            settings.KeepAlive = 10;
        }

        return settings.ConnectionString;
    }
}
