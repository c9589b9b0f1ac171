using System.Diagnostics;
using System.Globalization;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Engine.Connections;

/// <summary>Waits until a database or a server takes work.</summary>
public static class ConnectionWait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestProbe = TimeSpan.FromSeconds(1);

    // Those that a database which is starting may answer with.
    private static readonly string[] NotYet = ["DatabaseUnreachable", "DatabaseMissing", "TooManyConnections"];

    /// <summary>Waits for a server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="notYet">Is told each new reason why it is not ready.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What the server is.</returns>
    /// <exception cref="HasuraMigrationException">ServerNotReady.</exception>
    public static async Task<HasuraServerInfo> ForServerAsync(HasuraServerConnection server, TimeSpan timeout, Func<string, Task> notYet, CancellationToken cancellationToken)
    {
        HasuraServerInfo found = null!;
        var last = await RepeatAsync(timeout, async left =>
        {
            found = await ServerProbe.RunAsync(server, left > ShortestProbe ? left : ShortestProbe, cancellationToken).ConfigureAwait(false);
            return found.IsReady ? null : found.Problem;
        }, notYet, cancellationToken).ConfigureAwait(false);
        return last is null
            ? found
            : throw new HasuraMigrationException("ServerNotReady", $"The Hasura server {found.Endpoint} was not ready within {Seconds(timeout)} s. The last attempt reported {last}", found.Endpoint);
    }

    /// <summary>Waits for a database.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="notYet">Is told each new reason why it is not ready.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">DatabaseNotReady; at once what no waiting mends, such as AuthenticationFailed.</exception>
    public static async Task ForDatabaseAsync(HasuraConnection connection, TimeSpan timeout, Func<string, Task> notYet, CancellationToken cancellationToken)
    {
        HasuraMigrationException? failure = null;
        var last = await RepeatAsync(timeout, async _ =>
        {
            var target = new PostgresMigrationTarget(connection, metadataConnection: null, "default", configVersion: 2);
            await using (target.ConfigureAwait(false))
            {
                try
                {
                    await target.ReadIdentityAsync(cancellationToken).ConfigureAwait(false);
                    return null;
                }
                catch (HasuraMigrationException e) when (NotYet.Contains(e.ErrorId))
                {
                    failure = e;
                    return $"{e.ErrorId}: {e.Message}";
                }
            }
        }, notYet, cancellationToken).ConfigureAwait(false);
        if (last is not null)
        {
            throw new HasuraMigrationException("DatabaseNotReady", $"The database {connection} was not ready within {Seconds(timeout)} s. The last attempt reported {last}", connection.DatabaseName, failure);
        }
    }

    private static async Task<string?> RepeatAsync(TimeSpan timeout, Func<TimeSpan, Task<string?>> attempt, Func<string, Task> notYet, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (string? last = null; ;)
        {
            var problem = await attempt(timeout - clock.Elapsed).ConfigureAwait(false);
            if (problem is null || clock.Elapsed >= timeout)
            {
                return problem;
            }

            if (problem != last)
            {
                last = problem;
                await notYet(problem).ConfigureAwait(false);
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
}
