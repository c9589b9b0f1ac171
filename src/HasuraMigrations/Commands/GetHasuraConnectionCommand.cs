using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Shows the Hasura server that this session is connected to.</summary>
/// <remarks>
/// <para>Writes the connection that Connect-HasuraServer created; nothing if there is none.</para>
/// </remarks>
/// <output cref="HasuraConnection">The connection of the session.</output>
/// <notes>No property of a connection contains a secret.</notes>
/// <seealso cref="ConnectHasuraServerCommand"/>
/// <seealso cref="DisconnectHasuraServerCommand"/>
[Cmdlet(VerbsCommon.Get, "HasuraConnection", HelpUri = HelpPages.Base + "Get-HasuraConnection.md")]
[OutputType(typeof(HasuraConnection))]
public sealed class GetHasuraConnectionCommand : AsyncCmdlet
{
    private protected override void OnEnd()
    {
        if (SessionConnections.Find() is { } connection)
        {
            WriteObject(connection);
        }
        else
        {
            WriteVerbose("This session is not connected to a server.");
        }
    }
}
