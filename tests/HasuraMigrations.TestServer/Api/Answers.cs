using System.Text.Json.Nodes;

namespace HasuraMigrations.TestServer.Api;

/// <summary>Bodies of answers that several commands give.</summary>
internal static class Answers
{
    internal static JsonObject Success() => new() { ["message"] = "success" };

    internal static JsonObject Consistency(JsonArray inconsistent) => new() { ["is_consistent"] = inconsistent.Count == 0, ["inconsistent_objects"] = inconsistent };

    internal static HasuraError NotFound() => new(404, "not-found", "resource does not exist");

    /// <summary>What a strict change says of a document that does not fit.</summary>
    internal static HasuraError Inconsistent(JsonArray inconsistent) => new(400, "unexpected", "cannot continue due to inconsistent metadata", details: inconsistent);

    /// <summary>Does each item, and says of an error which one it was.</summary>
    internal static async Task<JsonNode> BulkAsync(HasuraCommand bulk, Func<HasuraCommand, Task<JsonNode>> run)
    {
        var results = new JsonArray();
        for (var i = 0; i < bulk.Items.Count; i++)
        {
            try
            {
                results.Add(await run(HasuraCommand.Read(bulk.Items[i])));
            }
            catch (HasuraError e)
            {
                throw e.Under($"[{i}]");
            }
        }

        return results;
    }
}
