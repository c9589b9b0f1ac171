using System.Management.Automation;
using System.Management.Automation.Runspaces;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Stops throwaway PostgreSQL servers and deletes their data.</summary>
/// <remarks>
/// <para>
/// Stops the server behind a connection that Start-HasuraSandbox returned, or every server that this session started. If the server
/// is already stopped, the command does nothing.
/// </para>
/// </remarks>
/// <input cref="HasuraConnection">The object that Start-HasuraSandbox returned.</input>
/// <notes>Sandboxes of other sessions and processes are not stopped.</notes>
/// <seealso cref="StartHasuraSandboxCommand"/>
[Cmdlet(VerbsLifecycle.Stop, "HasuraSandbox", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Stop-HasuraSandbox.md")]
public sealed class StopHasuraSandboxCommand : AsyncCmdlet
{
    /// <summary>
    /// The object that Start-HasuraSandbox returned, also from the pipeline. Without it, every sandbox that this session started is
    /// stopped.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public object? Connection { get; set; }

    private protected override void OnRecord()
    {
        var ids = Connection is null ? SandboxRegistry.Of(Runspace.DefaultRunspace.InstanceId) : [IdOf(Secrets.Bare(Connection))];
        foreach (var id in ids)
        {
            // Stopped meanwhile: there is nothing left to ask about.
            if (SandboxRegistry.Describe(id) is { } description && Confirmed(description, "Stop sandbox and delete its data"))
            {
                RunAsync(_ => SandboxRegistry.StopAsync(id));
            }
        }
    }

    private static string IdOf(object? value)
    {
        var sandbox = value as HasuraSandbox ?? (value as HasuraConnection)?.Sandbox;
        return sandbox?.Id ?? throw new HasuraMigrationException("SandboxNotFound", $"The object given, of type {value?.GetType().Name ?? "null"}, is not a sandbox.");
    }
}
