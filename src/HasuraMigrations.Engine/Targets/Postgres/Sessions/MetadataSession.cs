using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>
/// The session on a metadata database of its own, for a whole run. It is idle for most of the time, so that it ends more
/// often than the others; then it is opened again. All that is done with it may be done twice.
/// </summary>
/// <param name="connector">Opens it; null where the metadata is in the target database, or nobody knows where.</param>
/// <param name="options">How the run behaves.</param>
internal sealed class MetadataSession(PostgresConnector? connector, RunOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private NpgsqlConnection? _session;

    /// <summary>True where there is a metadata database of its own.</summary>
    internal bool IsSeparate => connector is not null;

    /// <summary>The database, for messages.</summary>
    internal string Description => connector?.Description ?? "";

    /// <summary>How often it was opened again.</summary>
    internal int Reopened { get; private set; }

    /// <summary>Uses the session, and opens it again where it has ended.</summary>
    /// <param name="use">What to do; gets null where there is none.</param>
    /// <param name="isPatient">Go on trying for <see cref="RunOptions.ReconnectTimeout"/>; else it is tried once.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">The database cannot be reached.</exception>
    internal async Task<T> UseAsync<T>(Func<NpgsqlConnection?, Task<T>> use, bool isPatient, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await use(connector is null ? null : await OpenAsync(connector, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NpgsqlException or HasuraMigrationException && connector is not null && IsBroken)
            {
                if (tries > 1 && (!isPatient || clock.Elapsed >= options.ReconnectTimeout))
                {
                    throw e is NpgsqlException lost ? PostgresErrors.Query(lost, "keeping Hasura's record", connector.Description) : e;
                }

                await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public ValueTask DisposeAsync() => _session?.DisposeAsync() ?? ValueTask.CompletedTask;

    private bool IsBroken => _session is not { State: System.Data.ConnectionState.Open };

    private async Task<NpgsqlConnection> OpenAsync(PostgresConnector place, CancellationToken cancellationToken)
    {
        if (IsBroken)
        {
            var isAgain = _session is not null;
            await DisposeAsync().ConfigureAwait(false);
            _session = await place.OpenAsync("metadata", keepAlive: true, cancellationToken, options.ReconnectTimeout).ConfigureAwait(false);
            Reopened += isAgain ? 1 : 0;
        }

        return _session!;
    }
}
