using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Vectors;

/// <summary>Runs one case against a server of its era over a database of its own.</summary>
internal sealed class VectorRun(VectorCase vector, TestDatabase database, TestServerHost server)
{
    private static readonly HashSet<string> Dml = ["select", "insert", "update", "delete", "count"];

    private readonly SavedValues _saved = new();
    private readonly List<string> _left = [];

    /// <summary>Runs it; the first difference ends it. Steps that need a query engine are named in a warning of the test.</summary>
    public async Task RunAsync()
    {
        await RunStepsAsync();
        if (_left.Count > 0)
        {
            TestContext.Current.AddWarning($"{_left.Count} steps of {vector.Id} need a query engine and were not run: {string.Join(", ", _left.Distinct())}");
        }
    }

    private async Task RunStepsAsync()
    {
        await database.ExecuteAsync("CREATE SCHEMA hge_tests");
        if (vector.Kind is not ("scenario" or "expectation") || vector.Document is JsonArray)
        {
            foreach (var file in vector.Files("setup"))
            {
                await SendAsync(file);
            }
        }

        foreach (var (file, request) in VectorPrelude.Before(vector))
        {
            await (file is not null ? SendAsync(file) : RequireOkAsync("/v1/query", request, "what comes before"));
        }

        var document = vector.Document;
        switch (vector.Kind)
        {
            case "case":
                foreach (var step in Steps(document))
                {
                    await StepAsync(step);
                }

                break;
            case "scenario":
                await ScenarioAsync(document!.AsObject());
                return;
            case "expectation":
                await ExpectationAsync(document!);
                return;
            default:
                await SendAsync(vector.Entry["file"]!.ToString());
                break;
        }

        if (VectorPrelude.IsTornDown(vector))
        {
            return;
        }

        if (document is JsonArray || document.Get("status") is null || document.Get("status")!.ToString() == "200")
        {
            foreach (var file in vector.Files("teardown"))
            {
                await SendAsync(file);
            }
        }
    }

    private static IEnumerable<JsonObject> Steps(JsonNode? document) => document is JsonArray list ? list.OfType<JsonObject>() : [document!.AsObject()];

    private async Task ScenarioAsync(JsonObject scenario)
    {
        _saved.Add("default_source_configuration", await ConfigurationAsync());
        foreach (var list in new[] { "setup", "steps", "teardown" })
        {
            foreach (var item in scenario[list] as JsonArray ?? [])
            {
                await (item.AsText() is { } file ? SendAsync($"{vector.EraDirectory}/{file}") : StepAsync(item!.AsObject()));
            }
        }
    }

    private async Task<JsonNode?> ConfigurationAsync()
    {
        var (_, body) = await server.PostAsync("/v1/query", """{"type":"export_metadata","args":{}}""");
        return JsonNode.Parse(body).Get("sources").AsObjects().FirstOrDefault()?["configuration"];
    }

    private async Task ExpectationAsync(JsonNode document)
    {
        var expected = document as JsonArray ?? document["inconsistent_objects"];
        if (document is JsonObject own)
        {
            await RequireOkAsync("/v1/query", own["setup"], "setup");
        }

        await database.ExecuteAsync(document.Get("sql").AsText() ?? "DROP TABLE article");
        var (_, body) = await server.PostAsync("/v1/query", """{"type":"get_inconsistent_metadata","args":{}}""");
        var actual = JsonNode.Parse(body)!["inconsistent_objects"];
        Assert.True(AnswerMatch.Fits(expected, actual, "unordered"), $"expected {expected.ToText()}\nactual   {body}");
    }

    // The body of a whole file.
    private async Task SendAsync(string file)
    {
        var name = Path.GetFileName(file);
        const string path = "/v1/query";
        if (VectorCase.HasSqlApart(file) && name.StartsWith("setup", StringComparison.Ordinal) && vector.Kind == "setup")
        {
            foreach (var sql in new[] { "schema_setup.yaml", "schema_setup_postgres.yaml" }.Select(n => $"{Path.GetDirectoryName(file)}/{n}").Where(f => VectorCase.Exists(f) && !vector.Files("setup").Contains(f)))
            {
                await RequireOkAsync(path, VectorCase.Read(sql), sql);
            }
        }

        var document = VectorCase.Read(file);
        foreach (var body in document is JsonArray list ? list.ToArray() : [document])
        {
            await RequireOkAsync(path, body, file);
        }
    }

    private async Task RequireOkAsync(string path, JsonNode? body, string what)
    {
        if (body.Get("query") is { } query)
        {
            (path, body) = (body!["url"].AsText() ?? path, query);
        }

        var (status, text) = await server.PostAsync(path, WithoutQueries(body, what).ToText());
        Assert.True(status == 200, $"{what} was refused: {text}");
    }

    // Reading and changing rows needs a query engine; rows of set-ups are inserted.
    private JsonNode? WithoutQueries(JsonNode? body, string what)
    {
        var copy = body?.DeepClone();
        foreach (var item in copy.Get("type").AsText() == "bulk" ? copy!["args"].AsObjects().ToList() : [])
        {
            if (item["type"].AsText() is { } type && type != "insert" && Dml.Contains(type))
            {
                copy!["args"]!.AsArray().Remove(item);
                _left.Add($"{type} in {what}");
            }
        }

        return copy;
    }

    private async Task StepAsync(JsonObject step)
    {
        var url = step["url"].AsText() ?? "/v1/query";
        if (url == "direct-sql")
        {
            await DirectAsync(step);
            return;
        }

        if (url == "/v1/graphql" && step["query"].Get("query").AsText() is { } operation)
        {
            await OperationAsync(step, operation);
        }

        if (NeedsQueryEngine(url, step["query"]))
        {
            _left.Add($"{step["method"].AsText() ?? "POST"} {url}");
            return;
        }

        var method = new HttpMethod(step["method"].AsText() ?? "POST");
        Assert.True(method == HttpMethod.Get || step["query"] is not null || step["body"] is not null, $"A step of {vector.Id} has no body.");
        var body = step["body"].AsText() ?? (step["query"] is null ? "" : _saved.Fill(step["query"]).ToText());
        var headers = (step["headers"] as JsonObject ?? []).Select(h => $"{h.Key}: {h.Value}").ToArray();
        var (status, text) = await server.SendAsync(method, url, body, headers);
        var expected = step["status"]?.ToString() ?? "200";
        Assert.True(status.ToString(CultureInfo.InvariantCulture) == expected, $"status {status}, not {expected}: {text}\nrequest {body}");
        if (Inserts(step["query"]))
        {
            _left.Add("comparing what was inserted");
            return;
        }

        var answer = text.StartsWith('{') || text.StartsWith('[') ? JsonNode.Parse(text) : JsonValue.Create(text);
        var accepted = step["allowed_responses"] is JsonArray several ? several.Select(r => r.Get("response")).ToArray() : [_saved.Fill(step["response"])];
        Assert.True(accepted.Any(a => AnswerMatch.Fits(AnswerMatch.Comparable(a), AnswerMatch.Comparable(answer), step["match"].AsText() ?? "exact")), $"request  {body}\nexpected {string.Join(" or ", accepted.Select(a => a.ToText()))}\nactual   {text}");
        _saved.Add(step["save"] as JsonObject, answer);
    }

    // The server of the tests answers with the introspection of the role.
    private async Task OperationAsync(JsonObject step, string operation)
    {
        var headers = (step["headers"] as JsonObject ?? []).Select(h => $"{h.Key}: {h.Value}").ToArray();
        var (status, text) = await server.SendAsync(HttpMethod.Post, "/v1/graphql", "{}", headers);
        Assert.True(status == 200, text);
        var (_, metadata) = await server.PostAsync("/v1/query", """{"type":"export_metadata","args":{}}""");
        // What remote schemas have is not known.
        if (JsonNode.Parse(metadata).Get("remote_schemas") is null)
        {
            OperationAnswer.Compare(IntrospectionReader.Read(JsonNode.Parse(text)), operation, step["response"]);
        }
    }

    private static bool NeedsQueryEngine(string url, JsonNode? query) =>
        url is "/v1/graphql" or "/v1alpha1/graphql" or "/v1/graphql/explain" or "/v1beta1/relay" || url.StartsWith("/api/", StringComparison.Ordinal)
        || (query.Get("type").AsText() is { } type && (Dml.Contains(type) || (type is "bulk" or "concurrent_bulk" && query!["args"].AsObjects().Any(i => i["type"].AsText() != "insert" && Dml.Contains(i["type"].AsText() ?? "")))));

    // The rows are not in the answer.
    private static bool Inserts(JsonNode? query) => query.Get("args").AsObjects().Any(i => i["type"].AsText() == "insert");

    private async Task DirectAsync(JsonObject step)
    {
        await using var connection = await database.OpenAsync();
        await using var command = new NpgsqlCommand(step["sql"].AsText(), connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new JsonArray();
        while (await reader.ReadAsync())
        {
            rows.Add((JsonNode)new JsonArray([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : (JsonNode)reader.GetString(i))]));
        }

        var expected = step["rows"]?.DeepClone();
        foreach (var row in expected as JsonArray ?? [])
        {
            for (var i = 0; row is JsonArray values && i < values.Count; i++)
            {
                values[i] = values[i] is { } value ? (value.ToText() switch { "true" => "t", "false" => "f", _ => value.ToString() }) : null;
            }
        }

        Assert.True(expected is null || rows.SameAs(expected), $"expected {expected.ToText()}\nactual   {rows.ToText()}");
    }
}
