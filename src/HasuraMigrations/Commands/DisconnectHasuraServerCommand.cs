using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Removes the Hasura server from this session.</summary>
/// <remarks>
/// <para>Commands that name no target no longer use the server. No request is sent to it.</para>
/// </remarks>
/// <notes>If the session is not connected, no error is reported.</notes>
/// <seealso cref="ConnectHasuraServerCommand"/>
/// <seealso cref="GetHasuraConnectionCommand"/>
[Cmdlet(VerbsCommunications.Disconnect, "HasuraServer", HelpUri = HelpPages.Base + "Disconnect-HasuraServer.md")]
[OutputType(typeof(void))]
public sealed class DisconnectHasuraServerCommand : AsyncCmdlet
{
    private protected override void OnEnd() =>
        WriteVerbose(SessionConnections.Remove() is { } connection ? $"Disconnected from {connection}." : "This session was not connected to a server.");
}
