using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>The server takes everything that Hasura's own CLI sends.</summary>
public sealed class TranscriptReplayTests(PostgresServer server)
{
    public static TheoryData<string> Names { get; } = [.. LongForm.Of(Transcript.Names(), 6)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Requests_of_the_CLI_get_the_answers_it_got(string name)
    {
        var transcript = Transcript.Read(name);
        Assert.SkipWhen(transcript.Obstacle is not null, transcript.Obstacle ?? "");
        await using var database = await server.CreateDatabaseAsync();
        await using var second = transcript.HasSecondSource ? await server.CreateDatabaseAsync() : null;
        await using var host = await transcript.ServeAsync(database, second);

        foreach (var request in transcript.Requests)
        {
            var (status, body) = await SendAsync(host, request);
            Assert.True((int)request["status"]! == status, $"{request["seq"]}: {request["request_body"]?.ToJsonString()} got {status} {body} and not {request["response_body"]?.ToJsonString()}");
            var (expected, actual) = (request["response_body"], status == 200 && request["path"]!.ToString() != "/v1alpha1/pg_dump" ? JsonNode.Parse(body) : null);
            if (actual is not null && IsComparable(request["request_body"]))
            {
                Assert.Equal(expected.ToText(), actual.ToText());
            }
        }
    }

    // Answers that tell of what the stand-in of the transcripts did not do, or of its own identity, are not compared.
    private static bool IsComparable(JsonNode? body) => body.Get("type").AsText() switch
    {
        "run_sql" => body.Get("args").Get("sql").AsText()!.StartsWith("SELECT ", StringComparison.Ordinal),
        "set_catalog_state" or "clear_metadata" or "drop_inconsistent_metadata" => true,
        _ => false,
    };

    private static async Task<(int Status, string Body)> SendAsync(TestServerHost host, JsonNode request)
    {
        var path = request["path"]!.ToString();
        var headers = (request["request_headers"] as JsonObject ?? []).Where(h => h.Key.StartsWith("X-Hasura", StringComparison.OrdinalIgnoreCase)).Select(h => $"{h.Key}: {h.Value}").ToArray();
        return request["method"]!.ToString() == "POST" ? await host.PostAsync(path, request["request_body"]!.ToJsonString(), headers)
            : path == "/v1/version" ? Short(await host.GetAsync(path))
            : await host.SendAsync(HttpMethod.Get, path, null, headers);
    }

    private static (int, string) Short((int Status, string Body, object? Type) answer) => (answer.Status, answer.Body);
}
