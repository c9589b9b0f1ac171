using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that look at a server.</summary>
/// <parameter name="Connection">
/// The server: an object of Connect-HasuraServer, or its URL. Without any connection parameter, the server of the session is used,
/// then that of the project.
/// </parameter>
/// <parameter name="ConnectionString">Names a database, which causes the error TargetNotSupported with this command.</parameter>
/// <parameter name="MetadataConnectionString">Names a database, which causes the error TargetNotSupported with this command.</parameter>
public abstract class HasuraServerCmdlet : HasuraTargetCmdlet
{
    private protected HasuraServerCmdlet()
    {
    }

    /// <summary>The server that was named, that of the session, or that of the project.</summary>
    /// <exception cref="HasuraMigrationException">TargetNotSupported where it is a database.</exception>
    private protected HasuraServerConnection FindServer()
    {
        var request = ReadRequest();
        var connection = request.Connection ?? new HasuraConnection(ServerConnections.Make(OpenNearProject(), request.Endpoint, request.AdminSecret, request.Server));
        return connection.Server is { } server && request.ConnectionString is null && request.ConnectionStrings is null
            ? server
            : throw new HasuraMigrationException("TargetNotSupported", "The connection is to a database, but this command requires a Hasura server.")
            {
                RecommendedAction = "Specify the server with -Endpoint, or connect to it with Connect-HasuraServer.",
            };
    }

    /// <summary>Probes the server once. Problems are part of the result; nothing is thrown.</summary>
    /// <param name="server">The server.</param>
    /// <param name="limit">How long all of it may take; null for the time limit of each request alone.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private protected static async Task<HasuraServerInfo> ProbeAsync(HasuraServerConnection server, TimeSpan? limit, CancellationToken cancellationToken)
    {
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (limit is { } time)
        {
            clock.CancelAfter(time);
        }

        using var client = new HasuraClient(server);
        try
        {
            await client.CheckHealthAsync(clock.Token).ConfigureAwait(false);
            var found = await client.ProbeAsync(clock.Token).ConfigureAwait(false);
            var target = new ServerMetadataTarget(client);
            var consistency = await target.ReadConsistencyAsync(clock.Token).ConfigureAwait(false);
            return new HasuraServerInfo
            {
                Endpoint = client.Description,
                IsReady = true,
                Version = found.Version,
                MetadataVersion = found.MetadataVersion,
                IsConsistent = consistency.IsConsistent,
                Inconsistencies = consistency.Inconsistencies,
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NotReady(client, $"ServerTimeout: {client.Description} did not answer within {limit!.Value.TotalSeconds:0.#} s.");
        }
        catch (HasuraMigrationException e)
        {
            return NotReady(client, $"{e.ErrorId}: {e.Message}");
        }
    }

    private static HasuraServerInfo NotReady(HasuraClient client, string problem) => new() { Endpoint = client.Description, IsReady = false, Problem = problem };
}
