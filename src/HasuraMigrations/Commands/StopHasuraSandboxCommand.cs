using System.Management.Automation;
using System.Management.Automation.Runspaces;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Stops throwaway PostgreSQL servers and deletes their data.</summary>
[Cmdlet(VerbsLifecycle.Stop, "HasuraSandbox", SupportsShouldProcess = true)]
public sealed class StopHasuraSandboxCommand : AsyncCmdlet
{
    /// <summary>What <c>Start-HasuraSandbox</c> returned; all sandboxes of this session where left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, HelpMessage = "What Start-HasuraSandbox returned.")]
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
        return sandbox?.Id ?? throw new HasuraMigrationException("SandboxNotFound", $"A {value?.GetType().Name} without a sandbox was given.");
    }
}
