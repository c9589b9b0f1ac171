using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Opens sessions of one database, set up so that a batch is one trip and nothing is shared.</summary>
internal sealed class PostgresConnector(HasuraConnection connection)
{
    internal string Description => connection.ToString();

    /// <summary>True where the connection string asks for details of errors, which may quote rows.</summary>
    internal bool IncludesErrorDetail => PostgresConnectionString.Settings(connection.RevealConnectionString()).Builder.IncludeErrorDetail;

    internal string DatabaseName => connection.DatabaseName ?? "";

    /// <summary>Opens a session of its own.</summary>
    /// <param name="purpose">What is added to the application name, so that a holder of a lock can be recognised.</param>
    /// <param name="keepAlive">Send keep-alive messages, for a session that waits for long.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="HasuraMigrationException">DatabaseUnreachable, AuthenticationFailed, DatabaseMissing, ServerReadOnly, ...</exception>
    internal Task<NpgsqlConnection> OpenAsync(string purpose, bool keepAlive, CancellationToken cancellationToken) =>
        new HostAttempts(connection, PostgresConnectionString.Settings(connection.RevealConnectionString()), settings => Adjust(settings, purpose, keepAlive)).OpenAsync(cancellationToken);

    private static void Adjust(NpgsqlConnectionStringBuilder settings, string purpose, bool keepAlive)
    {
        settings.Pooling = false;
        settings.Enlist = false;
        settings.Multiplexing = false;
        settings.CommandTimeout = 0;
        settings.MaxAutoPrepare = 0;
        settings.IncludeFailedBatchedCommand = true;
        settings.ClientEncoding = "UTF8";
        // The typed property is marked for removal in favour of a data source, which brings a pool; the keyword stays.
        settings["Server Compatibility Mode"] = "NoTypeLoading";
        settings.ApplicationName = $"{(string.IsNullOrEmpty(settings.ApplicationName) ? "hasura-migrations" : settings.ApplicationName)} {purpose}";
        if (keepAlive)
        {
            settings.TcpKeepAlive = true;
            settings.KeepAlive = 10;
        }
    }
}
