using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Connections;

namespace HasuraMigrations.Commands;

/// <summary>Waits until a Hasura server answers and its database works.</summary>
/// <remarks>
/// <para>
/// Asks repeatedly until the server is ready, and writes information about the server. A server with inconsistent metadata counts
/// as ready. With -Verbose, each new reason why it is not ready is shown.
/// </para>
/// </remarks>
/// <output cref="HasuraServerInfo">Information about the server.</output>
/// <notes>Ctrl+C ends the wait.</notes>
/// <seealso cref="TestHasuraServerCommand"/>
/// <seealso cref="ConnectHasuraServerCommand"/>
[Cmdlet(VerbsLifecycle.Wait, "HasuraServer", HelpUri = HelpPages.Base + "Wait-HasuraServer.md")]
[OutputType(typeof(HasuraServerInfo))]
public sealed class WaitHasuraServerCommand : HasuraServerCmdlet
{
    /// <summary>
    /// How long to wait, in seconds or as a time span. The default is one minute. Then the command fails with ServerNotReady, which
    /// contains the result of the last attempt.
    /// </summary>
    [Parameter(Position = 0)]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    private protected override void OnRecord()
    {
        var server = FindServer();
        RunAsync(async cancellationToken =>
        {
            var found = await ConnectionWait.ForServerAsync(server, Timeout, problem => OnPipelineAsync(() => WriteVerbose($"Not ready yet: {problem}")), cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => WriteObject(found)).ConfigureAwait(false);
        });
    }
}
