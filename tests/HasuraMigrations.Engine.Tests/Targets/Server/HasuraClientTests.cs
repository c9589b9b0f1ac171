using System.Net;
using System.Text.Json;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>How requests get to a server, and what is said where they do not.</summary>
public sealed class HasuraClientTests(PostgresServer server)
{
    private const string Secret = "s3cr3t-admin-é";
    private static readonly ServerCommand Sql = new(ServerApi.V2Query, "run_sql", new System.Text.Json.Nodes.JsonObject { ["sql"] = "SELECT 1" });

    [Fact]
    [Trait("Case", "15.5")]
    public async Task A_server_that_does_not_answer_is_not_waited_for_without_end()
    {
        await using var silent = OddServer.Silent();
        await using var slow = OddServer.Endless("HTTP/1.1 200 OK\nContent-Type: application/json", "1"u8.ToArray(), TimeSpan.FromMilliseconds(100));

        foreach (var odd in new[] { silent, slow })
        {
            using var client = new HasuraClient(new HasuraServerConnection(odd.Endpoint) { Timeout = TimeSpan.FromMilliseconds(600) });
            Assert.Equal("ServerTimeout", (await Assert.ThrowsAsync<HasuraServerException>(() => client.ProbeAsync(CancellationToken.None))).ErrorId);
            Assert.Equal(1, odd.Connections);
        }
    }

    [Fact]
    [Trait("Case", "15.8")]
    public async Task An_answer_without_end_is_not_read_and_not_asked_for_again()
    {
        await using var endless = OddServer.Endless("HTTP/1.1 200 OK\nContent-Type: application/json", new byte[64 * 1024]);
        await using var bomb = OddServer.Answering("HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Encoding: gzip", Gzip(new byte[32 << 20]));

        foreach (var odd in new[] { endless, bomb })
        {
            using var client = new HasuraClient(new HasuraServerConnection(odd.Endpoint), null, 4 << 20);
            var error = await Assert.ThrowsAsync<HasuraServerException>(() => client.ProbeAsync(CancellationToken.None));

            Assert.Equal("ServerAnswerTooLarge", error.ErrorId);
            Assert.Equal(1, odd.Connections);
        }
    }

    [Fact]
    public async Task Secret_and_headers_are_sent_to_the_paths_of_the_project()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(change: o => o with { AdminSecret = Secret });
        using var client = new HasuraClient(new HasuraServerConnection($"{host.Endpoint}", Secret, new Dictionary<string, string> { ["X-Trace"] = "t" }) { ApiPaths = new HasuraApiPaths { Metadata = "/v1/query", Version = "v1/version" } });

        Assert.Equal("default", (await client.CallAsync(new ServerCommand(ServerApi.Metadata, "export_metadata"), CancellationToken.None))!["sources"]![0]!["name"]!.ToString());

        var request = host.Requests.Single();
        Assert.Equal(("/v1/query", Secret, "t", "application/json"), (request.Path, request.Headers["X-Hasura-Admin-Secret"], request.Headers["X-Trace"], request.Headers["Content-Type"]));
    }

    [Theory]
    [InlineData("", "v1/metadata")]
    [InlineData("/", "/v1//metadata/")]
    [InlineData("//", "//v1/metadata//")]
    public async Task Slashes_that_are_doubled_or_trail_are_left_out_of_an_address(string end, string path)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();
        using var client = new HasuraClient(new HasuraServerConnection($"{host.Endpoint.AbsoluteUri.TrimEnd('/')}{end}") { ApiPaths = new HasuraApiPaths { Metadata = path, Health = "/hasura//healthz/" } });

        await client.CallAsync(HasuraClient.Export2, CancellationToken.None);
        await client.CheckHealthAsync(CancellationToken.None);

        Assert.Equal(["/v1/metadata", "/hasura/healthz"], host.Requests.Select(r => r.Path));
    }

    [Theory]
    [InlineData(HasuraApi.V1, 2, "v1.3.3")]
    [InlineData(HasuraApi.V2, 3, "v2.48.16")]
    public async Task A_server_is_told_by_what_it_exports(HasuraApi api, int metadata, string version)
    {
        await using var place = await Place.OpenAsync(server, api);

        Assert.Equal(new ServerCapabilities(version, metadata), await place.Client.ProbeAsync(CancellationToken.None));
        Assert.Same(place.Client.Capabilities, await place.Client.ProbeAsync(CancellationToken.None));
        Assert.Equal(api == HasuraApi.V1 ? 3 : 2, place.Host.Requests.Count);
    }

    [Theory]
    [InlineData("504:before", "ServerGatewayFailed", true, "HTTP 504 with text/html titled '504 from a gateway'")]
    [InlineData("200:before", "ServerAnswerInvalid", true, "HTTP 200 with text/html titled '200 from a gateway'")]
    [InlineData("403:before", "ServerAnswerInvalid", true, "HTTP 403")]
    [InlineData("drop:before", "ServerConnectionLost", true, "broke during run_sql")]
    [InlineData("truncate", "ServerConnectionLost", true, "broke during run_sql")]
    [InlineData("409", "MetadataConflict", false, "changed by another writer")]
    [InlineData("redirect:https://" + "s3cr3t-admin.example.com:8443/v2/query", "ServerRedirected", false, "answered run_sql with a redirect to https://")]
    public async Task What_comes_instead_of_an_answer_has_an_id(string fault, string id, bool mayHaveRun, string words)
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        place.Host.FaultNext(fault);

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => place.Client.CallAsync(Sql, CancellationToken.None));

        Assert.Equal((id, mayHaveRun), (error.ErrorId, error.MayHaveRun));
        Assert.Contains(words, error.Message);
        Assert.Single(place.Host.Requests);
    }

    [Fact]
    public async Task Errors_of_Hasura_keep_code_path_and_what_the_database_said()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);

        var failed = await Assert.ThrowsAsync<HasuraServerException>(() => place.Client.CallAsync(Sql with { Args = new System.Text.Json.Nodes.JsonObject { ["sql"] = "SELECT 1/0" } }, CancellationToken.None));
        var unknown = await Assert.ThrowsAsync<HasuraServerException>(() => place.Client.CallAsync(new ServerCommand(ServerApi.Metadata, "nothing"), CancellationToken.None));

        Assert.Equal(("ServerError", 400, "postgres-error", "$", "22012", false), (failed.ErrorId, failed.Status, failed.Code, failed.Path, failed.SqlState, failed.MayHaveRun));
        Assert.Contains("refused run_sql: query execution failed: 22012: division by zero (postgres-error at $).", failed.Message);
        Assert.Equal(("ServerError", "parse-failed"), (unknown.ErrorId, unknown.Code));
        Assert.Equal("ServerApiMissing", (await Assert.ThrowsAsync<HasuraServerException>(() => new HasuraClient(new HasuraServerConnection($"{place.Host.Endpoint}below")).CallAsync(Sql, CancellationToken.None))).ErrorId);
    }

    [Fact]
    public async Task A_redirection_is_followed_within_the_origin_only()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(change: o => o with { AdminSecret = Secret });
        await using var other = await database.ServeAsync();
        using var client = new HasuraClient(new HasuraServerConnection($"{host.Endpoint}", Secret));

        host.FaultNext("redirect:/v2/query");
        Assert.Equal("TuplesOk", (await client.CallAsync(Sql, CancellationToken.None))!["result_type"]!.ToString());
        host.FaultNext($"redirect:{other.Endpoint}v2/query");
        Assert.Equal("ServerRedirected", (await Assert.ThrowsAsync<HasuraServerException>(() => client.CallAsync(Sql, CancellationToken.None))).ErrorId);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task The_secret_is_in_no_error_and_no_text()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(change: o => o with { AdminSecret = "another" });
        const string secret = "hush-hush-1";
        var connection = new HasuraServerConnection($"{host.Endpoint}", secret, new Dictionary<string, string> { ["X-Key"] = "hush-hush-2" }) { Timeout = TimeSpan.FromMilliseconds(300) };
        using var client = new HasuraClient(connection);
        var texts = new List<string> { $"{connection}", JsonSerializer.Serialize(connection), $"{new HasuraConnection(connection)}", JsonSerializer.Serialize(new HasuraConnection(connection)) };

        foreach (var fault in new[] { null, "504:before", "drop:before", "409", "delay:2000", "redirect:http://hush-hush-1.example/", "redirect:http://hush-hush-2.example/" })
        {
            if (fault is not null)
            {
                host.FaultNext(fault);
            }

            var error = await Assert.ThrowsAsync<HasuraServerException>(() => client.CallAsync(Sql, CancellationToken.None));
            texts.AddRange([$"{error}", $"{error.Target}", JsonSerializer.Serialize(error.Data)]);
        }

        Assert.All(host.Requests, r => Assert.Equal(secret, r.Headers["X-Hasura-Admin-Secret"]));
        Assert.All(texts, t => Assert.DoesNotContain("hush-hush", t));
    }

    [Fact]
    public async Task A_refused_secret_a_closed_port_and_an_unknown_host_are_told_apart()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync(change: o => o with { AdminSecret = Secret });

        Assert.Equal(("AdminSecretRejected", 401), await FailureAsync($"{host.Endpoint}"));
        Assert.Equal(("ServerUnreachable", null), await FailureAsync("http://127.0.0.1:1"));
        Assert.Equal(("ServerUnreachable", null), await FailureAsync("https://no-such-host.invalid"));
        Assert.Equal(("ServerCertificateInvalid", null), await FailureAsync($"https://127.0.0.1:{host.Endpoint.Port}"));
        using var client = new HasuraClient(new HasuraServerConnection($"https://127.0.0.1:{host.Endpoint.Port}"));
        var error = await Assert.ThrowsAsync<HasuraServerException>(() => client.CallAsync(Sql, CancellationToken.None));
        Assert.Contains("write http:// in the endpoint", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_limits_and_cancelling_end_the_waiting()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();
        using var client = new HasuraClient(new HasuraServerConnection($"{host.Endpoint}") { Timeout = TimeSpan.FromMilliseconds(200) });
        var slow = Sql with { Args = new System.Text.Json.Nodes.JsonObject { ["sql"] = "SELECT pg_sleep(1)" } };

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => client.CallAsync(slow, CancellationToken.None));
        Assert.Equal(("ServerTimeout", true), (error.ErrorId, error.MayHaveRun));
        Assert.Contains("within 0.2 s", error.Message);
        Assert.NotNull(await client.CallAsync(slow with { IsUnlimited = true }, CancellationToken.None));
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.CallAsync(slow with { IsUnlimited = true }, cancel.Token));
    }

    [Fact]
    public async Task Only_reading_is_repeated()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        foreach (var fault in new[] { "503:before", "drop:before" })
        {
            place.Host.FaultNext(fault, "/v1/version");
        }

        Assert.Equal("v2.48.16", await place.Client.ReadVersionAsync(CancellationToken.None));
        Assert.Equal(3, place.Host.Requests.Count);
    }

    [Theory]
    [InlineData("http://hasura.example.com", "ServerInsecure")]
    [InlineData("ftp://hasura.example.com", "ServerEndpointInvalid")]
    [InlineData("hasura.example.com", "ServerEndpointInvalid")]
    [InlineData("https://user:hush@hasura.example.com", "ServerEndpointInvalid")]
    [InlineData("https://hasura.example.com?secret=hush", "ServerEndpointInvalid")]
    public void Endpoints_that_would_give_the_secret_away_are_refused(string endpoint, string id)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => new HasuraClient(new HasuraServerConnection(endpoint, Secret)));

        Assert.Equal(id, error.ErrorId);
        Assert.DoesNotContain("hush", $"{error}");
    }

    [Theory]
    [InlineData("X-Key", "hush\r\nX-Other: 1")]
    [InlineData("X-Key", "hush ")]
    [InlineData("X Key", "x")]
    [InlineData("x-hasura-admin-secret", "x")]
    public void Headers_that_cannot_be_sent_are_refused(string name, string value)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => new HasuraServerConnection("https://h", Secret, new Dictionary<string, string> { [name] = value }));

        Assert.Equal("ServerHeaderInvalid", error.ErrorId);
        Assert.DoesNotContain("hush", error.Message);
    }

    [Fact]
    public async Task Requests_go_through_a_proxy()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();
        using var client = new HasuraClient(new HasuraServerConnection("http://hasura.invalid:8080") { AllowInsecureEndpoint = true }, new WebProxy(host.Endpoint));

        Assert.Equal("v2.48.16", await client.ReadVersionAsync(CancellationToken.None));
        Assert.Equal("hasura.invalid:8080", host.Requests.Single().Headers["Host"]);
    }

    [Fact]
    public async Task What_stays_on_this_machine_goes_through_no_proxy()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await database.ServeAsync();
        await using var proxy = await database.ServeAsync(change: o => o with { Version = "proxy" });
        using var client = new HasuraClient(new HasuraServerConnection($"{host.Endpoint}", Secret), new WebProxy(proxy.Endpoint));

        Assert.Equal("v2.48.16", await client.ReadVersionAsync(CancellationToken.None));
        Assert.Empty(proxy.Requests);
    }

    private static async Task<(string, int?)> FailureAsync(string endpoint)
    {
        using var client = new HasuraClient(new HasuraServerConnection(endpoint));
        var error = await Assert.ThrowsAsync<HasuraServerException>(() => client.CallAsync(Sql, CancellationToken.None));
        Assert.False(error.MayHaveRun);
        return (error.ErrorId, error.Status);
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
