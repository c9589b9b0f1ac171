namespace HasuraMigrations;

/// <summary>
/// A way to a running Hasura server. It carries the admin secret and other headers and shows neither: no property holds
/// them, and no text does.
/// </summary>
public sealed class HasuraServerConnection
{
    /// <summary>The header that carries the admin secret.</summary>
    public const string AdminSecretHeader = "X-Hasura-Admin-Secret";

    private readonly string? _adminSecret;
    private readonly Dictionary<string, string> _headers;

    /// <summary>A connection to an endpoint.</summary>
    /// <param name="endpoint">Absolute http or https URL, with a path where the server does not lie at the root.</param>
    /// <param name="adminSecret">The admin secret; null or empty where the server has none.</param>
    /// <param name="headers">Other headers of every request.</param>
    /// <exception cref="HasuraMigrationException">ServerEndpointInvalid, ServerHeaderInvalid; values are not quoted.</exception>
    public HasuraServerConnection(string endpoint, string? adminSecret = null, IReadOnlyDictionary<string, string>? headers = null)
    {
        Endpoint = Read(endpoint);
        _adminSecret = adminSecret is { Length: > 0 } ? adminSecret : null;
        _headers = new Dictionary<string, string>(headers ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase);
        if (_adminSecret is not null && _headers.ContainsKey(AdminSecretHeader))
        {
            throw new HasuraMigrationException("ServerHeaderInvalid", $"The admin secret was given twice, once as the header {AdminSecretHeader}.", AdminSecretHeader);
        }

        foreach (var (name, value) in _headers.Append(new(AdminSecretHeader, _adminSecret ?? "")))
        {
            Check(name, value);
        }
    }

    /// <summary>The URL.</summary>
    public Uri Endpoint { get; }

    /// <summary>True where an admin secret is sent.</summary>
    public bool HasAdminSecret => _adminSecret is not null || _headers.ContainsKey(AdminSecretHeader);

    /// <summary>Names of the other headers.</summary>
    public IReadOnlyList<string> HeaderNames => [.. _headers.Keys];

    /// <summary>Where the APIs lie.</summary>
    public HasuraApiPaths ApiPaths { get; init; } = new();

    /// <summary>Lets everything go over plain http to a host that is not this machine.</summary>
    public bool AllowInsecureEndpoint { get; init; }

    /// <summary>Takes any certificate of the server.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>File of certificates (PEM) that are trusted beside those of the system; null for the system's alone.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>How long an answer may take, run_sql apart; null for 30 s.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The admin secret, for the engine only: a method, so that no view shows it.</summary>
    public string? RevealAdminSecret() => _adminSecret;

    /// <summary>The other headers, for the engine only.</summary>
    public IReadOnlyDictionary<string, string> RevealHeaders() => _headers;

    /// <summary>The URL.</summary>
    public override string ToString() => Endpoint.AbsoluteUri.TrimEnd('/');

    private static Uri Read(string endpoint)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            throw new HasuraMigrationException("ServerEndpointInvalid", "The endpoint is not an absolute http or https URL.");
        }

        return uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? uri
            : throw new HasuraMigrationException("ServerEndpointInvalid", $"The endpoint on {uri.Host} contains a user name, a query or a fragment; none of these is sent.", uri.Host);
    }

    // HTTP would end the header at a control character, and the library would quote the value.
    private static void Check(string name, string value)
    {
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c)))
        {
            throw new HasuraMigrationException("ServerHeaderInvalid", "A header name is empty or contains a character that is not allowed in header names. It is not shown, because it may be a secret value.");
        }

        if (value.Any(char.IsControl) || value != value.Trim())
        {
            throw new HasuraMigrationException("ServerHeaderInvalid", $"The value of the header {name} contains control characters, or begins or ends with a space.", name);
        }
    }
}
