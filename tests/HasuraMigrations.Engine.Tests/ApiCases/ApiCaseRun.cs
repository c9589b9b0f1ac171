using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.ApiCases;

/// <summary>Runs one case.</summary>
internal sealed partial class ApiCaseRun(ApiCase one, ApiCaseServer server)
{
    private readonly SavedValues _saved = new();

    /// <summary>Runs it; the first difference ends it.</summary>
    public async Task RunAsync()
    {
        await server.PrepareAsync(one.File, one.Node["before"] as JsonArray ?? []);
        await StepAsync(new ApiStep(one.File, one.Node));
        foreach (var next in one.Node["then"] as JsonArray ?? [])
        {
            await (next.AsText() is { } sql ? server.ExecuteAsync(_saved.Fill(sql)) : StepAsync(new ApiStep(one.File, next!.AsObject())));
        }

        await CheckMetadataAsync(one.Node["metadata"] as JsonObject ?? []);
        foreach (var (query, expected) in one.Node["sql"] as JsonObject ?? [])
        {
            Assert.Equal(expected.AsText() is { } text ? [text] : expected.AsTexts().ToList(), await server.TextsAsync(_saved.Fill(query)));
        }
    }

    private async Task StepAsync(ApiStep step)
    {
        var before = await server.ResourceVersionAsync(one.File);
        var body = step.Request is null ? null : step.Request.AsText() ?? _saved.Fill(step.Request).ToText();
        var (status, text) = await server.Host.SendAsync(step.Method, step.Path, body, step.Headers);
        var answer = text.StartsWith('{') || text.StartsWith('[') ? JsonNode.Parse(text) : JsonValue.Create(text);
        var expected = _saved.Fill(step.Node["answer"]);
        Assert.True(status == step.Status && AnswerMatch.Fits(expected, answer), $"request  {step.Path} {body}\nexpected {step.Status} {expected.ToText()}\nactual   {status} {answer.ToText()}");
        _saved.Add(step.Node["save"] as JsonObject, answer);
        if (status != 200)
        {
            // What was refused has changed nothing.
            Assert.Equal(before, await server.ResourceVersionAsync(one.File));
        }
    }

    private async Task CheckMetadataAsync(JsonObject expected)
    {
        if (expected.Count == 0)
        {
            return;
        }

        string[] headers = one.File.AdminSecret is { } secret ? [$"X-Hasura-Admin-Secret: {secret}"] : [];
        var (_, text) = await server.Host.PostAsync(ApiStep.PathOf(one.File.Api, null), """{"type":"export_metadata","args":{}}""", headers);
        var document = JsonNode.Parse(text);
        foreach (var (path, value) in expected)
        {
            var found = Parts().Matches(path).Aggregate(document, (node, part) => part.Groups[1].Success ? node.Get(part.Groups[1].Value) : Entry(node, part.Groups[2].Value));
            var fits = value is null ? found is null : AnswerMatch.Fits(value, found);
            Assert.True(fits, $"metadata at {path}\nexpected {value.ToText()}\nactual   {found.ToText()}");
        }
    }

    // An entry of a list is named by what tells it from the others.
    private static JsonNode? Entry(JsonNode? list, string name) =>
        list.AsObjects().FirstOrDefault(e => name == (e["name"] ?? e["role"] ?? e["role_name"] ?? e["collection"] ?? e["host"] ?? e["root_field_name"] ?? e["type_name"] ?? e["table"].Get("name") ?? e["function"].Get("name"))?.ToString());

    [GeneratedRegex(@"(?:^|\.)([A-Za-z_]+)|\[([^\]]+)\]")]
    private static partial Regex Parts();
}
