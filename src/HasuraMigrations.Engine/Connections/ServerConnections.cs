using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Connections;

/// <summary>Makes connections to servers of what a user named and what a project sets.</summary>
public static class ServerConnections
{
    /// <summary>A connection to a server.</summary>
    /// <param name="project">The project; its settings fill what was not named.</param>
    /// <param name="endpoint">URL; null for the project's.</param>
    /// <param name="adminSecret">Admin secret; null for the project's, which goes to no other server than the project's, unless
    /// the environment of the process holds it.</param>
    /// <param name="options">How it is spoken to, as far as that was named.</param>
    /// <exception cref="HasuraMigrationException">ServerEndpointInvalid, ServerHeaderInvalid.</exception>
    public static HasuraServerConnection Make(HasuraProject project, string? endpoint, string? adminSecret, ServerConnectionOptions? options = null)
    {
        var headers = options?.Headers;
        var settings = project.Settings;
        var url = endpoint ?? settings["endpoint"];
        var carriesSecret = headers?.Keys.Any(h => h.Equals(HasuraServerConnection.AdminSecretHeader, StringComparison.OrdinalIgnoreCase)) == true;
        return new HasuraServerConnection(url, adminSecret ?? (carriesSecret ? null : SecretFor(settings, url)), headers)
        {
            ApiPaths = new HasuraApiPaths
            {
                Query = settings["api_paths.query"],
                V2Query = settings["api_paths.v2_query"],
                Metadata = settings["api_paths.v1_metadata"],
                Config = settings["api_paths.config"],
                GraphQL = settings["api_paths.graphql"],
                PgDump = settings["api_paths.pg_dump"],
                Version = settings["api_paths.version"],
            },
            AllowInsecureEndpoint = options?.AllowInsecureEndpoint == true,
            Timeout = options?.Timeout,
            SkipCertificateCheck = options?.SkipCertificateCheck == true || settings["insecure_skip_tls_verify"].ToLowerInvariant() is "true" or "t" or "1",
            CertificateAuthority = options?.CertificateAuthority ?? (settings["certificate_authority"] is { Length: > 0 } file ? Path.GetFullPath(Path.Combine(project.Directory, file)) : null),
        };
    }

    private static string? SecretFor(ProjectSettings settings, string url) =>
        SecretSource(settings) == SettingSource.Environment || IsSameOrigin(url, settings["endpoint"]) ? settings.AdminSecret : null;

    private static SettingSource SecretSource(ProjectSettings settings) =>
        new[] { "admin_secrets", "admin_secret", "access_key" }.Where(k => settings[k].Length > 0).Select(settings.SourceOf).DefaultIfEmpty(SettingSource.Default).First();

    private static bool IsSameOrigin(string left, string right) =>
        Uri.TryCreate(left, UriKind.Absolute, out var a)
        && Uri.TryCreate(right, UriKind.Absolute, out var b)
        && Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
