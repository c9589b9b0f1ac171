using System.Collections;
using System.Management.Automation;
using System.Security;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Targets;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Commands;

/// <summary>Connects this session to a Hasura server: commands that name no other target use it.</summary>
[Cmdlet(VerbsCommunications.Connect, "HasuraServer")]
[OutputType(typeof(HasuraConnection))]
public sealed class ConnectHasuraServerCommand : HasuraProjectCmdlet
{
    /// <summary>URL of the server; that of the project where left out.</summary>
    [Parameter(Position = 0, HelpMessage = "URL of the server.")]
    [ValidateNotNullOrEmpty]
    public string? Endpoint { get; set; }

    /// <summary>Admin secret of the server; that of the project where left out.</summary>
    [Parameter(HelpMessage = "Admin secret of the server.")]
    [ValidateNotNull]
    public SecureString? AdminSecret { get; set; }

    /// <summary>Other headers of every request.</summary>
    [Parameter(HelpMessage = "Other headers of every request.")]
    [ValidateNotNull]
    public IDictionary? Headers { get; set; }

    /// <summary>File of certificates (PEM) to trust beside those of the system.</summary>
    [Parameter(HelpMessage = "File of certificates to trust beside those of the system.")]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthority { get; set; }

    /// <summary>Takes any certificate of the server.</summary>
    [Parameter(HelpMessage = "Take any certificate of the server.")]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Lets the secret go over plain http to a host that is not this machine.</summary>
    [Parameter(HelpMessage = "Let everything go over plain http to another machine.")]
    public SwitchParameter AllowInsecureEndpoint { get; set; }

    /// <summary>How long an answer may take, SQL apart; 30 seconds where left out.</summary>
    [Parameter(HelpMessage = "How long an answer may take.")]
    [Alias("RequestTimeout")]
    [Seconds]
    public TimeSpan? Timeout { get; set; }

    private protected override void OnEnd()
    {
        var server = ServerConnections.Make(OpenNearProject(), Endpoint, Secrets.AdminSecret(AdminSecret), new ServerConnectionOptions
        {
            Headers = Secrets.Headers(Headers),
            CertificateAuthority = CertificateAuthority is null ? null : ResolvePath(CertificateAuthority),
            SkipCertificateCheck = SkipCertificateCheck,
            AllowInsecureEndpoint = AllowInsecureEndpoint,
            Timeout = Timeout,
        });
        if (server.SkipCertificateCheck)
        {
            WriteWarning($"Certificate validation is disabled for {server}; anyone who can intercept the connection can read the admin secret.");
        }

        RunAsync(async cancellationToken =>
        {
            using var client = new HasuraClient(server);
            var found = await client.ProbeAsync(cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() =>
            {
                WriteVerbose($"Connected to {server}, version {found.Version}, metadata version {found.MetadataVersion}.");
                var connection = new HasuraConnection(server);
                SessionConnections.Set(connection);
                WriteObject(connection);
            }).ConfigureAwait(false);
        });
    }
}
