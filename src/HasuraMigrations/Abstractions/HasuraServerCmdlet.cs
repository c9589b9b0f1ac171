using System.Management.Automation;
using HasuraMigrations.Engine.Targets;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that look at a server.</summary>
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
            : throw new HasuraMigrationException("TargetNotSupported", "The connection leads to a database, and this looks at a Hasura server.")
            {
                RecommendedAction = "Name the server with -Endpoint, or connect to it with Connect-HasuraServer.",
            };
    }

    /// <summary>Looks at the server once; what is wrong with it is told and no error.</summary>
    private protected static async Task<HasuraServerInfo> LookAsync(HasuraServerConnection server, CancellationToken cancellationToken)
    {
        using var client = new HasuraClient(server);
        try
        {
            await client.CheckHealthAsync(cancellationToken).ConfigureAwait(false);
            var found = await client.ProbeAsync(cancellationToken).ConfigureAwait(false);
            var target = new ServerMetadataTarget(client);
            var consistency = await target.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false);
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
        catch (HasuraMigrationException e)
        {
            return new HasuraServerInfo { Endpoint = client.Description, IsReady = false, Problem = $"{e.ErrorId}: {e.Message}" };
        }
    }
}
