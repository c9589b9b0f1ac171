using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>
/// Opens sessions of one database, set up so that a batch is one trip. A session can be kept for the next use; it is closed when this
/// object is disposed.
/// </summary>
internal sealed class PostgresConnector(HasuraConnection connection) : IAsyncDisposable
{
    // A session may be kept while somebody is asked for confirmation, and gateways forget connections that are silent. Opening another
    // costs less than a long wait.
    private static readonly TimeSpan ResetLimit = TimeSpan.FromSeconds(5);

    // Long enough for a session that opens or is told to stop.
    private static readonly TimeSpan AbandonLimit = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _end = new();
    private bool _hasOpened;
    private NpgsqlConnection? _kept;
    private Task<NpgsqlConnection>? _opening;

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
        var opening = OpenAndCheckAsync(purpose, keepAlive, answerLimit, cancellationToken);
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await CloseSoonAsync(opening).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<NpgsqlConnection> OpenAndCheckAsync(string purpose, bool keepAlive, TimeSpan? answerLimit, CancellationToken cancellationToken)
    {
        var session = await new HostAttempts(connection, PostgresConnectionString.Settings(connection.RevealConnectionString()), settings => Adjust(settings, purpose, keepAlive, answerLimit)).OpenAsync(cancellationToken).ConfigureAwait(false);
        await LookalikeCheck.RefuseAsync(session, Description, cancellationToken).ConfigureAwait(false);
        _hasOpened = true;
        return session;
    }

    /// <summary>Begins to open a session for the first <see cref="TakeAsync"/>, which throws what that fails with.</summary>
    /// <param name="purpose">What is added to the application name.</param>
    internal void BeginOpening(string purpose) => _opening = Task.Run(() => OpenWorkingAsync(purpose, _end.Token));

    /// <summary>The session that was kept, reset to the state of a new one; a new session if none was kept or the kept one has ended.</summary>
    /// <param name="purpose">What is added to the application name of a new session.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <returns>The session, and its server process where it is known.</returns>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="OpenAsync"/>.</exception>
    internal async Task<(NpgsqlConnection Session, ServerProcess? Process)> TakeAsync(string purpose, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _kept, null) is { } kept)
        {
            if (await ResetAsync(kept, cancellationToken).ConfigureAwait(false) is { } process)
            {
                return (kept, process);
            }

            await kept.DisposeAsync().ConfigureAwait(false);
        }

        if (Interlocked.Exchange(ref _opening, null) is { } opening)
        {
            try
            {
                return (await opening.WaitAsync(cancellationToken).ConfigureAwait(false), null);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await AbandonAsync(opening).ConfigureAwait(false);
                throw;
            }
        }

        return (await OpenWorkingAsync(purpose, cancellationToken).ConfigureAwait(false), null);
    }

    private Task<NpgsqlConnection> OpenWorkingAsync(string purpose, CancellationToken cancellationToken) =>
        OpenAsync(purpose, keepAlive: true, cancellationToken, RunOptions.DefaultReconnectTimeout);

    /// <summary>Keeps a session, which is in no transaction, for the next use.</summary>
    internal async ValueTask KeepAsync(NpgsqlConnection session)
    {
        if (Interlocked.Exchange(ref _kept, session) is { } other)
        {
            await other.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Closes the session that was kept, and the one that is being opened.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _kept, null) is { } kept)
        {
            await kept.DisposeAsync().ConfigureAwait(false);
        }

        if (Interlocked.Exchange(ref _opening, null) is { } opening)
        {
            await AbandonAsync(opening).ConfigureAwait(false);
        }

        _end.Dispose();
    }

    private async Task AbandonAsync(Task<NpgsqlConnection> opening)
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await CloseSoonAsync(opening).ConfigureAwait(false);
    }

    // The driver does not see a stop while it waits for an answer to its authentication, and goes on until its own limit (Npgsql 10);
    // then the session is closed without anybody waiting for that.
    private static Task CloseSoonAsync(Task<NpgsqlConnection> opening) => Task.WhenAny(CloseAsync(opening), Task.Delay(AbandonLimit));

    private static async Task CloseAsync(Task<NpgsqlConnection> opening)
    {
        await Task.WhenAny(opening).ConfigureAwait(false);
        // Nobody wanted the session, so that what its opening failed with is nobody's either.
        _ = opening.Exception;
        if (opening.IsCompletedSuccessfully)
        {
            await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>True for an error that another try may not meet: where a session could be opened, the address is right.</summary>
    internal bool IsLoss(HasuraMigrationException e) => _hasOpened && PostgresErrors.IsOfLostSession(e);

    /// <summary>Reads, and keeps the session; reads again on another session where that breaks.</summary>
    /// <param name="purpose">What is added to the application name of a new session.</param>
    /// <param name="doing">What is done, for messages.</param>
    /// <param name="read">Reads.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">It cannot be read, or the errors of opening, which are not tried again.</exception>
    internal async Task<T> ReadAsync<T>(string purpose, string doing, Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        return await ReadRetries.RunAsync(IsLoss, token => UseAsync(purpose, async session =>
        {
            try
            {
                return await read(session, token).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                throw PostgresErrors.Query(e, doing, Description);
            }
        }, token), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Works on the session that was kept, or on a new one, and keeps it unless the work fails.</summary>
    /// <param name="purpose">What is added to the application name of a new session.</param>
    /// <param name="work">Works; it ends every transaction that it begins.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="OpenAsync"/>, and those of the work.</exception>
    internal async Task<T> UseAsync<T>(string purpose, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        var (session, _) = await TakeAsync(purpose, cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await work(session).ConfigureAwait(false);
            await KeepAsync(session).ConfigureAwait(false);
            return result;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Null where the session has ended or does not answer, or is one of a pooler, whose server process others use too. Nothing was done
    // on it since it was kept, so that a new session does as well, or says why there is none.
    private static async Task<ServerProcess?> ResetAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ResetLimit);
        try
        {
            // A pooler tells a process id of its own (protocol message BackendKeyData).
            var process = await ServerProcess.ReadAsync(session, limit.Token).ConfigureAwait(false);
            if (process.Id != session.ProcessID)
            {
                return null;
            }

            // What the last use has set, locked and created is not for the next one.
            await session.CommandAsync("DISCARD ALL", limit.Token).ConfigureAwait(false);
            return process;
        }
        catch (Exception e) when (e is NpgsqlException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes a session as the others are made, and does not open it, so that the code for it is loaded.</summary>
    internal static void LoadDriver()
    {
        const string text = "host=localhost";
        new HostAttempts(PostgresConnectionString.Read(text), PostgresConnectionString.Settings(text), settings => Adjust(settings, "", keepAlive: true, answerLimit: null)).Load();
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
            settings.TcpKeepAliveTime = KeepAlive.Seconds;
            settings.TcpKeepAliveInterval = KeepAlive.Interval;
        }
    }
}
