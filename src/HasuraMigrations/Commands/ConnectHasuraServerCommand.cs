using System.Collections;
using System.Management.Automation;
using System.Security;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Commands;

/// <summary>Connects this session to a Hasura server.</summary>
/// <remarks>
/// <para>
/// Checks that the server answers and accepts the admin secret, and keeps the connection for this session: commands that name no
/// other target use it. If the check fails, the previous connection is kept. Other runspaces, such as those of ForEach-Object
/// -Parallel, are not connected. The connection is also written to the pipeline and can be given to -Connection.
/// </para>
/// <para>
/// The secret is sent only to this endpoint: redirections to another origin are errors, and plain http to another machine is
/// refused without -AllowInsecureEndpoint.
/// </para>
/// </remarks>
/// <output cref="HasuraConnection">The connection. It shows no secret.</output>
/// <notes>The paths of the APIs are those of api_paths in config.yaml.</notes>
/// <seealso cref="DisconnectHasuraServerCommand"/>
/// <seealso cref="GetHasuraConnectionCommand"/>
/// <seealso cref="TestHasuraServerCommand"/>
/// <seealso href="about_HasuraMigrations_Connections"/>
[Cmdlet(VerbsCommunications.Connect, "HasuraServer", HelpUri = HelpPages.Base + "Connect-HasuraServer.md")]
[OutputType(typeof(HasuraConnection))]
public sealed class ConnectHasuraServerCommand : HasuraProjectCmdlet
{
    /// <summary>
    /// URL of the server, with a path if the server is not at the root. Without it, the endpoint of the project is used:
    /// HASURA_GRAPHQL_ENDPOINT, .env or config.yaml; if none is set, http://localhost:8080.
    /// </summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Endpoint { get; set; }

    /// <summary>
    /// Admin secret of the server, as a SecureString. Without it, HASURA_GRAPHQL_ADMIN_SECRET is used; the secret in .env or
    /// config.yaml is used only for the endpoint of the project.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? AdminSecret { get; set; }

    /// <inheritdoc cref="HasuraTargetCmdlet.Headers"/>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Headers { get; set; }

    /// <inheritdoc cref="HasuraTargetCmdlet.CertificateAuthority"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthority { get; set; }

    /// <inheritdoc cref="HasuraTargetCmdlet.SkipCertificateCheck"/>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <inheritdoc cref="HasuraTargetCmdlet.AllowInsecureEndpoint"/>
    [Parameter]
    public SwitchParameter AllowInsecureEndpoint { get; set; }

    /// <inheritdoc cref="HasuraTargetCmdlet.RequestTimeout"/>
    [Parameter]
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
