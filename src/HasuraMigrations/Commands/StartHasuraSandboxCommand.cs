using System.Management.Automation;
using System.Management.Automation.Runspaces;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Sandbox;

namespace HasuraMigrations.Commands;

/// <summary>Starts a throwaway PostgreSQL server on this machine.</summary>
/// <remarks>
/// <para>
/// Finds PostgreSQL server programs, creates a new database cluster in a temporary directory that only its owner can read, and
/// starts it on a free port of the loopback address with a random password. The server ends with Stop-HasuraSandbox, or when this
/// process ends for any reason.
/// </para>
/// <para>
/// Programs are searched in the directory that HASURA_SANDBOX_POSTGRES names, in PATH, in the usual directories, and in the cache
/// that -AllowDownload fills; then in Docker. The settings favor speed over durability unless -Durable is given.
/// </para>
/// </remarks>
/// <output cref="HasuraConnection">
/// A connection for the parameter -Connection. Its property Sandbox describes the server. No property shows the password.
/// </output>
/// <notes>PostgreSQL does not run as root. If this process runs as root, the server runs as an unprivileged user.</notes>
/// <seealso cref="StopHasuraSandboxCommand"/>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
[Cmdlet(VerbsLifecycle.Start, "HasuraSandbox", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Start-HasuraSandbox.md")]
[OutputType(typeof(HasuraConnection))]
public sealed class StartHasuraSandboxCommand : AsyncCmdlet
{
    /// <summary>Major version of PostgreSQL, such as 16. Without it, the first version that is found is used.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(10, 99)]
    public int? Version { get; set; }

    /// <summary>Lets npm install the server programs if the machine has none of the requested version.</summary>
    [Parameter]
    public SwitchParameter AllowDownload { get; set; }

    /// <summary>Keeps fsync and similar settings on, so that committed data survives a crash of the machine. This is slower.</summary>
    [Parameter]
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
