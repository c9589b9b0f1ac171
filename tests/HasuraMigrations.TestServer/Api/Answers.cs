using System.Text.Json.Nodes;

namespace HasuraMigrations.TestServer.Api;

/// <summary>Bodies of answers that several commands give.</summary>
internal static class Answers
{
    internal static JsonObject Success() => new() { ["message"] = "success" };

    internal static HasuraError NotFound() => new(404, "not-found", "resource does not exist");

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

    /// <summary>Does each item, also after one that fails, which leaves no trace in the metadata; its error stands in its place.</summary>
    internal static async Task<JsonNode> BulkGoingOnAsync(HasuraCommand bulk, MetadataSession metadata, Func<HasuraCommand, Task<JsonNode>> run)
    {
        var results = new JsonArray();
        for (var i = 0; i < bulk.Items.Count; i++)
        {
            var mark = metadata.Mark();
            try
            {
                results.Add(await run(HasuraCommand.Read(bulk.Items[i])));
            }
            catch (HasuraError e)
            {
                metadata.Return(mark);
                results.Add((JsonNode)e.Under($".args[{i}]").ToJson());
            }
        }

        return results;
    }
}
