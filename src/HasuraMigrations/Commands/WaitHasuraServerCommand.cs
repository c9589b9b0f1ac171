using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Abstractions;

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
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestProbe = TimeSpan.FromSeconds(1);

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
            var watch = Stopwatch.StartNew();
            for (string? last = null; ;)
            {
                var left = Timeout - watch.Elapsed;
                var found = await ProbeAsync(server, left > ShortestProbe ? left : ShortestProbe, cancellationToken).ConfigureAwait(false);
                if (found.IsReady)
                {
                    await OnPipelineAsync(() => WriteObject(found)).ConfigureAwait(false);
                    return;
                }

                if (watch.Elapsed >= Timeout)
                {
                    throw new HasuraMigrationException("ServerNotReady", $"The Hasura server {found.Endpoint} was not ready within {Timeout.TotalSeconds:0.#} s. The last attempt reported {found.Problem}", found.Endpoint);
                }

                if (found.Problem != last)
                {
                    last = found.Problem;
                    await OnPipelineAsync(() => WriteVerbose($"Not ready yet: {last}")).ConfigureAwait(false);
                }

                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        });
    }
}
