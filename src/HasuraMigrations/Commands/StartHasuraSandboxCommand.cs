using System.Management.Automation;
using System.Management.Automation.Runspaces;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Sandbox;

namespace HasuraMigrations.Commands;

/// <summary>Starts a throwaway PostgreSQL server.</summary>
[Cmdlet(VerbsLifecycle.Start, "HasuraSandbox", SupportsShouldProcess = true)]
[OutputType(typeof(HasuraConnection))]
public sealed class StartHasuraSandboxCommand : AsyncCmdlet
{
    /// <summary>Major version of PostgreSQL; the first that is found where left out.</summary>
    [Parameter(Position = 0, HelpMessage = "Major version of PostgreSQL, such as 16.")]
    [ValidateRange(10, 99)]
    public int? Version { get; set; }

    /// <summary>Lets npm install the server programs where the machine has none that fit.</summary>
    [Parameter(HelpMessage = "Let npm install the server programs.")]
    public SwitchParameter AllowDownload { get; set; }

    /// <summary>Keeps what was committed even if the machine crashes; slower.</summary>
    [Parameter(HelpMessage = "Keep what was committed even if the machine crashes.")]
    public SwitchParameter Durable { get; set; }

    private protected override void OnEnd()
    {
        if (!Confirmed("this machine", $"Start a throwaway PostgreSQL{(Version is null ? "" : $" {Version}")}"))
        {
            return;
        }

        var session = Runspace.DefaultRunspace.InstanceId;
        RunAsync(async cancellationToken =>
        {
            var options = new SandboxOptions { Version = Version, AllowDownload = AllowDownload, Durable = Durable };
            var sandbox = await PostgresSandbox.StartAsync(options, cancellationToken).ConfigureAwait(false);
            var connection = SandboxRegistry.Add(sandbox, session);
            await OnPipelineAsync(() =>
            {
                WriteVerbose($"Started {sandbox.Info}.");
                WriteObject(connection);
            }).ConfigureAwait(false);
        });
    }
}
