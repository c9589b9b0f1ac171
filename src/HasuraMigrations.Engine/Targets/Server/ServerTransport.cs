using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Opens connections to a server: no redirects, proxies of the environment, and the certificates that are trusted.</summary>
internal static class ServerTransport
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>A handler for one connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="proxy">The proxy; null for what the environment names.</param>
    /// <exception cref="HasuraMigrationException">ServerInsecure, ServerCertificateAuthorityInvalid.</exception>
    internal static SocketsHttpHandler Create(HasuraServerConnection connection, IWebProxy? proxy)
    {
        if (connection.Endpoint.Scheme == "http" && !connection.Endpoint.IsLoopback && !connection.AllowInsecureEndpoint)
        {
            throw new HasuraMigrationException("ServerInsecure", $"{connection} uses unencrypted HTTP to another machine.", connection.ToString());
        }

        var roots = connection.CertificateAuthority is { } file ? ReadRoots(file) : null;
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = ConnectTimeout,
            ConnectCallback = ConnectAsync,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            // What may go in the clear because it stays on this machine must not leave it through a proxy.
            UseProxy = !connection.Endpoint.IsLoopback,
            Proxy = proxy,
            // A secret may hold any character.
            RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    connection.SkipCertificateCheck || errors == SslPolicyErrors.None || IsTrusted(certificate, chain, errors, roots),
            },
        };
    }

    /// <summary>Connects as the handler itself does, and has the system ask a silent server whether it is there.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Gateways and firewalls forget a connection that is silent for minutes, and a long statement is silent.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAlive.Seconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAlive.Interval);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAlive.Retries);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Only the issuer may be another one than the system knows: the name must fit all the same.
    private static bool IsTrusted(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors, X509Certificate2Collection? roots)
    {
        if (roots is null || errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(leaf);
    }

    private static X509Certificate2Collection ReadRoots(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Invalid(file, e.Message, e);
        }

        return roots.Count > 0 ? roots : throw Invalid(file, "it contains no certificate in PEM format", null);
    }

    private static HasuraMigrationException Invalid(string file, string why, Exception? cause) =>
        new("ServerCertificateAuthorityInvalid", $"The certificate authorities in '{file}' cannot be used: {why.TrimEnd('.')}.", file, cause) { File = file };
}
