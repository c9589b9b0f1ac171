using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Forgets the Hasura server that this session is connected to, and its secret.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "HasuraServer")]
[OutputType(typeof(void))]
public sealed class DisconnectHasuraServerCommand : AsyncCmdlet
{
    private protected override void OnEnd() =>
        WriteVerbose(SessionConnections.Remove() is { } connection ? $"Disconnected from {connection}." : "This session was not connected to a server.");
}
