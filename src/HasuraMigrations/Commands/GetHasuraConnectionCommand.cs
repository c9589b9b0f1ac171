using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Shows the Hasura server that this session is connected to.</summary>
[Cmdlet(VerbsCommon.Get, "HasuraConnection")]
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
