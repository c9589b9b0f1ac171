using System.Security.Authentication;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>
/// Tries the hosts of a connection string in order, as libpq does: the next one where a host cannot be reached, does not take
/// sessions yet, or is of another kind than wanted; none where a server refused. The driver's own way with several hosts
/// remembers their kinds for a time, and knows no sockets among them.
/// </summary>
/// <param name="connection">What messages show.</param>
/// <param name="settings">The connection string.</param>
/// <param name="adjust">What every session of this product needs.</param>
internal sealed class HostAttempts(HasuraConnection connection, ConnectionSettings settings, Action<NpgsqlConnectionStringBuilder> adjust)
{
    private const string CannotConnectNow = "57P03";

    private readonly List<(int Host, Exception Error)> _failures = [];
    private readonly List<(int Host, SessionKind Kind)> _unwanted = [];

    /// <summary>Opens a session.</summary>
    /// <exception cref="HasuraMigrationException">DatabaseUnreachable, AuthenticationFailed, DatabaseMissing, ServerReadOnly, ...</exception>
    internal async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var wanted = settings.Builder.TargetSessionAttributes ?? (settings.Hosts.AreSeveral ? "prefer-primary" : "any");
        var first = wanted switch { "prefer-primary" => "primary", "prefer-standby" => "standby", _ => wanted };
        for (var host = 0; host < settings.Hosts.Names.Count; host++)
        {
            if (await TryAsync(host, settings.Hosts.AreSeveral || first == wanted ? first : "any", cancellationToken).ConfigureAwait(false) is { } session)
            {
                return session;
            }
        }

        // Any kind is better than none.
        foreach (var (host, _) in first == wanted ? [] : _unwanted.ToList())
        {
            if (await TryAsync(host, "any", cancellationToken).ConfigureAwait(false) is { } session)
            {
                return session;
            }
        }

        throw _unwanted.Count == 0
            ? PostgresErrors.Opening([.. _failures.Select(f => (NameOf(f.Host), f.Error))], connection, settings)
            : new HasuraMigrationException("ServerReadOnly", $"Connecting to {connection} failed: target_session_attrs is {wanted}, and {string.Join(", ", _unwanted.Select(u => $"{NameOf(u.Host)} is {u.Kind.Description}"))}.", connection.DatabaseName);
    }

    private async Task<NpgsqlConnection?> TryAsync(int host, string wanted, CancellationToken cancellationToken)
    {
        NpgsqlConnection? session = null;
        try
        {
            // The driver remembers each source, in order of its name, until it is disposed. A session needs it only to be opened.
            var source = NewSource(host);
            await using var _ = source.ConfigureAwait(false);
            session = NewSession(source);
            await session.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (wanted == "any" || await SessionKind.ReadAsync(session, cancellationToken).ConfigureAwait(false) is var kind && kind.Is(wanted))
            {
                return session;
            }

            _unwanted.Add((host, kind));
            await session.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            if (session is not null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }

            // The driver opens files of certificates and passwords too, so anything may be thrown.
            if (e is OperationCanceledException)
            {
                throw;
            }

            if (PostgresErrors.ServerError(e) is { SqlState: not CannotConnectNow })
            {
                throw PostgresErrors.Opening([(NameOf(host), e)], connection, settings);
            }

            _failures.Add((host, e));
            return null;
        }
    }

    /// <summary>Makes a session and does not open it.</summary>
    internal void Load()
    {
        using var source = NewSource(0);
        using var session = NewSession(source);
        using var batch = session.CreateBatch();
        batch.Add("", "");
        TextResults.Ask(batch);
    }

    private NpgsqlDataSource NewSource(int host)
    {
        var keywords = new NpgsqlConnectionStringBuilder(settings.Builder.ConnectionString)
        {
            Host = settings.Hosts.Names[host],
            Port = settings.Hosts.Ports[host],
            TargetSessionAttributes = null,
            LoadBalanceHosts = false,
        };
        adjust(keywords);
        // Without the mappings of types that no statement of this product has: a new process spends more on them than on a query.
        var builder = new NpgsqlSlimDataSourceBuilder(keywords.ConnectionString);
        builder.EnableTransportSecurity();
        builder.EnableIntegratedSecurity();
        builder.EnableArrays();
        return builder.Build();
    }

    private NpgsqlConnection NewSession(NpgsqlDataSource source)
    {
        var session = source.CreateConnection();
        if (settings.Tls != SslProtocols.None)
        {
            session.SslClientAuthenticationOptionsCallback = options => options.EnabledSslProtocols = settings.Tls;
        }

        return session;
    }

    private string NameOf(int host) => settings.Hosts.DisplayOf(host);

    /// <summary>What a server lets a session do.</summary>
    private sealed record SessionKind(bool IsStandby, bool IsReadOnly)
    {
        internal string Description => IsStandby ? "a standby" : IsReadOnly ? "a read-only primary" : "a primary";

        internal static async Task<SessionKind> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
        {
            var row = (await session.RowsAsync("SELECT pg_catalog.pg_is_in_recovery()::text, pg_catalog.current_setting('transaction_read_only')", [], cancellationToken).ConfigureAwait(false))[0];
            return new SessionKind(row[0] == "true", row[0] == "true" || row[1] == "on");
        }

        internal bool Is(string wanted) => wanted switch
        {
            "primary" => !IsStandby,
            "standby" => IsStandby,
            "read-only" => IsReadOnly,
            _ => !IsReadOnly,
        };
    }
}
