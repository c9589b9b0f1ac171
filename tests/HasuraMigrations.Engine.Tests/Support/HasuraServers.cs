using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Servers that speak Hasura's API over the database of a test.</summary>
internal static class HasuraServers
{
    private static readonly HttpClient Http = new();

    public static Task<TestServerHost> ServeAsync(this TestDatabase database, HasuraApi api = HasuraApi.V2, Func<TestServerOptions, TestServerOptions>? change = null)
    {
        var options = new TestServerOptions { Postgres = database.ConnectionString, Api = api };
        return TestServerHost.StartAsync(change is null ? options : change(options));
    }

    /// <summary>Posts a body as it is, with headers such as <c>name: value</c>.</summary>
    public static Task<(int Status, string Body)> PostAsync(this TestServerHost server, string path, string body, params string[] headers) =>
        server.SendAsync(HttpMethod.Post, path, body, headers);

    public static async Task<(int Status, string Body)> SendAsync(this TestServerHost server, HttpMethod method, string path, string? body, params string[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Endpoint, path)) { Content = body is null ? null : new StringContent(body) };
        Assert.All(headers, h => request.Headers.Add(h.Split(": ", 2)[0], h.Split(": ", 2)[1]));
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public static async Task<(int Status, string Body, MediaTypeHeaderValue? Type)> GetAsync(this TestServerHost server, string path)
    {
        using var response = await Http.GetAsync(new Uri(server.Endpoint, path));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType);
    }

    /// <summary>The body of a run_sql.</summary>
    public static string RunSql(string sql, string more = "") => $$$"""{"type":"run_sql","args":{"sql":{{{JsonValue.Create(sql).ToJsonString()}}}{{{more}}}}}""";
}
