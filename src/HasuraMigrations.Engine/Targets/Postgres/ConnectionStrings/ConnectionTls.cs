using System.Security.Authentication;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>The parameters of TLS, which depend on each other.</summary>
/// <param name="builder">Where they are set.</param>
/// <param name="get">The value of a parameter; null where it was not given.</param>
/// <param name="choice">The value of a parameter that has few.</param>
internal sealed class ConnectionTls(NpgsqlConnectionStringBuilder builder, Func<string, string?> get, ConnectionTls.Choice choice)
{
    private static readonly string[] Names = ["tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"];
#pragma warning disable CA5397, SYSLIB0039 // A string may name old versions; whether they are used is the system's matter.
    private static readonly SslProtocols[] All = [SslProtocols.Tls, SslProtocols.Tls11, SslProtocols.Tls12, SslProtocols.Tls13];
#pragma warning restore CA5397, SYSLIB0039

    /// <summary>The value of a parameter that has few.</summary>
    internal delegate string? Choice(string name, params string[] allowed);

    /// <summary>Versions that are allowed; none for those of the system.</summary>
    internal SslProtocols Versions { get; private set; }

    /// <summary>The parameters that limit the versions, as part of a connection string.</summary>
    internal string Limits { get; private set; } = "";

    /// <summary>Sets everything about TLS.</summary>
    /// <param name="hosts">The servers.</param>
    /// <param name="hasAddress">True where the driver connects to another name than the certificate's.</param>
    internal void Apply(ConnectionHosts hosts, bool hasAddress)
    {
        var mode = choice("sslmode", "disable", "allow", "prefer", "require", "verify-ca", "verify-full") ?? OfJdbc();
        var root = get("sslrootcert");
        if (root == "system")
        {
            // As in libpq: the whole name is checked, and nothing less may be asked for.
            mode = mode is null or "verify-full" ? "verify-full" : throw new ConnectionTextException("sslrootcert=system requires sslmode=verify-full");
        }
        else if (root is not null)
        {
            builder.RootCertificate = root;
            mode = mode == "require" ? "verify-ca" : mode;
        }

        if (mode is not null)
        {
            // libpq passes over it where the socket is one of this machine.
            builder.SslMode = hosts.AreSockets ? SslMode.Disable : Enum.Parse<SslMode>(mode.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
        }

        if (hasAddress && builder.SslMode == SslMode.VerifyFull)
        {
            throw new ConnectionTextException("the parameter 'hostaddr' is not supported with sslmode=verify-full: the driver checks the certificate against the name it connects to");
        }

        SetFiles();
        SetVersions();
    }

    // libpq takes 'ssl=true' from URLs of JDBC.
    private string? OfJdbc() => get("ssl")?.ToLowerInvariant() switch
    {
        null => null,
        "true" => "require",
        _ => throw new ConnectionTextException("the value of 'ssl' is not true; write sslmode"),
    };

    private void SetFiles()
    {
        builder.SslCertificate = get("sslcert") ?? builder.SslCertificate;
        builder.SslKey = get("sslkey") ?? builder.SslKey;
        builder.SslPassword = get("sslpassword") ?? builder.SslPassword;
        if (choice("sslnegotiation", "postgres", "direct") is { } negotiation)
        {
            builder.SslNegotiation = Enum.Parse<SslNegotiation>(negotiation, ignoreCase: true);
        }

        if (builder.SslNegotiation == SslNegotiation.Direct && builder.SslMode is SslMode.Disable or SslMode.Allow or SslMode.Prefer)
        {
            throw new ConnectionTextException("sslnegotiation=direct requires sslmode=require or stronger");
        }
    }

    private void SetVersions()
    {
        var first = choice("ssl_min_protocol_version", Names);
        var last = choice("ssl_max_protocol_version", Names);
        if (first is null && last is null)
        {
            return;
        }

        var from = first is null ? 0 : Array.IndexOf(Names, first);
        var to = last is null ? All.Length - 1 : Array.IndexOf(Names, last);
        if (from > to)
        {
            throw new ConnectionTextException("ssl_min_protocol_version is above ssl_max_protocol_version");
        }

        Versions = All[from..(to + 1)].Aggregate(SslProtocols.None, (all, v) => all | v);
        Limits = string.Join(';', new[] { ("ssl_min_protocol_version", first), ("ssl_max_protocol_version", last) }.Where(l => l.Item2 is not null).Select(l => $"{l.Item1}={l.Item2}"));
    }
}
