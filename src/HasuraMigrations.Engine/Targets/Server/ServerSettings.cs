using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>What a user names about a server, over what the project's settings say.</summary>
public sealed record ServerOverrides
{
    /// <summary>The endpoint; null for that of the settings.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The admin secret; null for that of the settings.</summary>
    public string? AdminSecret { get; init; }

    /// <summary>Other headers of every request.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Lets everything go over plain http to another machine.</summary>
    public bool AllowInsecureEndpoint { get; init; }

    /// <summary>Takes any certificate; null for what the settings say.</summary>
    public bool? SkipCertificateCheck { get; init; }

    /// <summary>File of trusted certificates; null for that of the settings.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>How long an answer may take; null for as long as it takes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Prints no secret.</summary>
    public override string ToString() => $"{nameof(ServerOverrides)} {{ Endpoint = {Endpoint} }}";
}

/// <summary>Reads a server's connection out of the settings of a project.</summary>
public static class ServerSettings
{
    /// <summary>The connection. As everywhere, each value that a user names goes before the setting, one by one.</summary>
    /// <exception cref="HasuraMigrationException">ServerEndpointInvalid, ServerHeaderInvalid, ProjectConfigInvalid.</exception>
    public static HasuraServerConnection Read(ProjectSettings settings, ServerOverrides overrides)
    {
        return new HasuraServerConnection(overrides.Endpoint ?? settings["endpoint"], overrides.AdminSecret ?? settings.AdminSecret, overrides.Headers)
        {
            ApiPaths = new HasuraApiPaths
            {
                Query = settings["api_paths.query"],
                V2Query = settings["api_paths.v2_query"],
                Metadata = settings["api_paths.v1_metadata"],
                Config = settings["api_paths.config"],
                PgDump = settings["api_paths.pg_dump"],
                Version = settings["api_paths.version"],
            },
            AllowInsecureEndpoint = overrides.AllowInsecureEndpoint,
            SkipCertificateCheck = overrides.SkipCertificateCheck ?? settings["insecure_skip_tls_verify"].ToLowerInvariant() is "true" or "t" or "1",
            CertificateAuthority = overrides.CertificateAuthority ?? (settings["certificate_authority"] is { Length: > 0 } file ? file : null),
            Timeout = overrides.Timeout,
        };
    }
}
