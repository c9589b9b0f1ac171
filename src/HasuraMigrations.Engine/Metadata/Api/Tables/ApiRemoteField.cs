using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>A field of a table that leads to a remote schema.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schema">The remote schema.</param>
/// <param name="Path">The fields that lead from its queries to the data, each with the arguments that the relationship gives.</param>
internal sealed record ApiRemoteField(string Name, string Schema, IReadOnlyList<(string Field, JsonObject Arguments)> Path)
{
    /// <summary>Reads the definition of a relationship to a remote schema, of either form.</summary>
    internal static ApiRemoteField Read(string name, string schema, JsonNode definition)
    {
        var path = new List<(string Field, JsonObject Arguments)>();
        for (var step = definition.Get("remote_field") as JsonObject; step is { Count: 1 }; step = step.First().Value.Get("field") as JsonObject)
        {
            path.Add((step.First().Key, step.First().Value.Get("arguments") as JsonObject ?? []));
        }

        return new ApiRemoteField(name, schema, path);
    }
}
