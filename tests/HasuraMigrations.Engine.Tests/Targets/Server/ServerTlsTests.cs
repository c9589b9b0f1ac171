using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>Which certificates are trusted.</summary>
public sealed class ServerTlsTests(PostgresServer server) : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public async Task An_authority_of_ones_own_is_trusted_for_the_name_it_signed()
    {
        using var authority = Authority("test authority");
        using var stranger = Authority("another authority");
        using var certificate = Signed(authority);
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(change: o => o with { Certificate = certificate });
        var connection = new HasuraServerConnection($"{host.Endpoint}");

        Assert.Equal("ServerCertificateInvalid", await TryAsync(connection, null));
        Assert.Equal("ServerCertificateInvalid", await TryAsync(connection, stranger));
        Assert.Null(await TryAsync(connection, authority));
        Assert.Equal("ServerCertificateInvalid", await TryAsync(new HasuraServerConnection($"https://localhost:{host.Endpoint.Port}"), authority));
        Assert.Null(await TryAsync(new HasuraServerConnection($"{host.Endpoint}") { SkipCertificateCheck = true }, null));
    }

    [Theory]
    [InlineData("no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void A_file_without_certificates_is_refused(string text)
    {
        File.WriteAllText(_file, text);

        var error = Assert.Throws<HasuraMigrationException>(() => new HasuraClient(new HasuraServerConnection("https://h") { CertificateAuthority = _file }));

        Assert.Equal(("ServerCertificateAuthorityInvalid", _file), (error.ErrorId, error.File));
        Assert.Equal("ServerCertificateAuthorityInvalid", Assert.Throws<HasuraMigrationException>(() => new HasuraClient(new HasuraServerConnection("https://h") { CertificateAuthority = _file + ".missing" })).ErrorId);
    }

    public void Dispose() => File.Delete(_file);

    private async Task<string?> TryAsync(HasuraServerConnection connection, X509Certificate2? authority)
    {
        if (authority is not null)
        {
            await File.WriteAllTextAsync(_file, authority.ExportCertificatePem());
        }

        using var client = new HasuraClient(authority is null ? connection : new HasuraServerConnection($"{connection}") { CertificateAuthority = _file });
        try
        {
            await client.CallAsync(new ServerCommand(ServerApi.V2Query, "run_sql", new System.Text.Json.Nodes.JsonObject { ["sql"] = "SELECT 1" }), CancellationToken.None);
            return null;
        }
        catch (HasuraServerException e)
        {
            Assert.False(e.MayHaveRun);
            Assert.Contains("-CertificateAuthority", e.RecommendedAction, StringComparison.Ordinal);
            return e.ErrorId;
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Signed(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3]);
        return signed.CopyWithPrivateKey(key);
    }
}
