using HasuraMigrations.Engine.Connections;

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
}
