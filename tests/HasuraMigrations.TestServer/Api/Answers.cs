using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Api;

namespace HasuraMigrations.TestServer.Api;

/// <summary>Bodies of answers that several commands give.</summary>
internal static class Answers
{
    internal static JsonObject Success() => new() { ["message"] = "success" };

    internal static MetadataCommandException NotFound() => new("not-found", "resource does not exist", status: 404);

    /// <summary>Does each item, and says of an error which one it was.</summary>
    internal static async Task<JsonNode> BulkAsync(CommandEnvelope bulk, Func<CommandEnvelope, Task<JsonNode>> run)
    {
        var results = new JsonArray();
        for (var i = 0; i < bulk.Items.Count; i++)
        {
            try
            {
                results.Add(await run(CommandEnvelope.Read(bulk.Items[i])));
            }
            catch (MetadataCommandException e)
            {
                throw e.Under($"[{i}]");
            }
        }

        return results;
    }

    /// <summary>Does each item, also after one that fails, which leaves no trace in the metadata; its error stands in its place.</summary>
    internal static async Task<JsonNode> BulkGoingOnAsync(CommandEnvelope bulk, CommandSession metadata, Func<CommandEnvelope, Task<JsonNode>> run)
    {
        var results = new JsonArray();
        for (var i = 0; i < bulk.Items.Count; i++)
        {
            var mark = metadata.Mark();
            try
            {
                results.Add(await run(CommandEnvelope.Read(bulk.Items[i])));
            }
            catch (MetadataCommandException e)
            {
                metadata.Return(mark);
                results.Add((JsonNode)e.Under($".args[{i}]").ToJson());
            }
        }

        return results;
    }
}
