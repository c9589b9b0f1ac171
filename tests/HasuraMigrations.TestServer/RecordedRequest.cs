using System.Text.Json.Nodes;

namespace HasuraMigrations.TestServer;

/// <summary>One request as it arrived.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body; empty where it has none.</param>
public sealed record RecordedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>The command it carries, such as <c>run_sql</c>; null where it carries none.</summary>
    public string? Type => Json is JsonObject map && map["type"] is JsonValue type ? type.ToString() : null;

    /// <summary>The body as JSON; null where it is none.</summary>
    public JsonNode? Json
    {
        get
        {
            try
            {
                return Body.Length == 0 ? null : JsonNode.Parse(Body);
            }
            catch (System.Text.Json.JsonException)
            {
                return null;
            }
        }
    }
}
