namespace HasuraMigrations.Engine.Connections;

/// <summary>How a server is spoken to, as far as a user named it; the project's settings fill the rest.</summary>
public sealed record ServerConnectionOptions
{
    /// <summary>Other headers of every request; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Full path of a file of certificates (PEM) to trust beside those of the system.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>Skip certificate validation.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>Let the admin secret go over plain http to another machine.</summary>
    public bool AllowInsecureEndpoint { get; init; }

    /// <summary>How long an answer may take; null for no limit of the user's.</summary>
    public TimeSpan? Timeout { get; init; }
}
