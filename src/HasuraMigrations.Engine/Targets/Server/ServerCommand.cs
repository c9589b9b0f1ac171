using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Which of a server's APIs takes a command.</summary>
public enum ServerApi
{
    /// <summary><c>v1/query</c>.</summary>
    Query,

    /// <summary><c>v2/query</c>.</summary>
    V2Query,

    /// <summary><c>v1/metadata</c>.</summary>
    Metadata,
}

/// <summary>A command of Hasura's API and how it is sent.</summary>
/// <param name="Api">The API that takes it.</param>
/// <param name="Type">Its name, such as <c>replace_metadata</c>.</param>
/// <param name="Args">Its arguments; null for none. They may belong to another tree, which is not changed.</param>
public sealed record ServerCommand(ServerApi Api, string Type, JsonNode? Args = null)
{
    /// <summary>Version of the command: 1 or 2.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The resource version the metadata must still have; null for any.</summary>
    public long? ResourceVersion { get; init; }

    /// <summary>True where repeating it does no harm, so that it is repeated after a broken connection.</summary>
    public bool IsRead { get; init; }

    /// <summary>True where no time limit of the connection counts, since the database works for as long as it takes.</summary>
    public bool IsUnlimited { get; init; }

    /// <summary>Writes the arguments, where they are too large to be copied into a tree.</summary>
    internal Action<Utf8JsonWriter>? WriteArgs { get; init; }

    /// <summary>A command as Hasura's documentation writes it, sent to the API of the server that takes it.</summary>
    /// <param name="body">An object with <c>type</c>, and mostly <c>args</c>.</param>
    /// <param name="server">What the server is.</param>
    /// <exception cref="HasuraMigrationException">MetadataInputInvalid where there is no type.</exception>
    public static ServerCommand Of(JsonObject body, ServerCapabilities server)
    {
        var type = body["type"].AsText() ?? throw new HasuraMigrationException("MetadataInputInvalid", "A command of Hasura's API is an object with a text 'type' and its arguments in 'args'.");
        var isQuery = IsQuery(body);
        return new ServerCommand(!server.HasMetadataApi || IsMixed(body) ? ServerApi.Query : isQuery ? ServerApi.V2Query : ServerApi.Metadata, type, body["args"]?.DeepClone())
        {
            Version = body["version"] is JsonValue version && version.TryGetValue<int>(out var number) ? number : 1,
            ResourceVersion = body["resource_version"] is JsonValue resource && resource.TryGetValue<long>(out var expected) ? expected : null,
            IsUnlimited = isQuery,
        };
    }

    // The API of version 1 is the only one that takes both.
    private static bool IsMixed(JsonObject body) => body["type"].AsText() == "bulk" && Leaves(body).Select(IsQuery).Distinct().Count() > 1;

    private static IEnumerable<JsonObject> Leaves(JsonObject body) =>
        body["type"].AsText() == "bulk" ? body["args"].AsObjects().SelectMany(Leaves) : [body];

    // What speaks SQL or data has an API of its own; a bulk goes where one of its commands must go.
    private static bool IsQuery(JsonNode? body) => body.Get("type").AsText() switch
    {
        "bulk" => body.Get("args").AsObjects().Any(IsQuery),
        "select" or "insert" or "update" or "delete" or "count" or "concurrent_bulk" => true,
        { } type => type.EndsWith("run_sql", StringComparison.Ordinal),
        null => false,
    };

    internal byte[] ToJson()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JsonText.Compact.Encoder, SkipValidation = true, MaxDepth = JsonText.Compact.MaxDepth }))
        {
            writer.WriteStartObject();
            writer.WriteString("type", Type);
            if (Version != 1)
            {
                writer.WriteNumber("version", Version);
            }

            if (ResourceVersion is { } version)
            {
                writer.WriteNumber("resource_version", version);
            }

            writer.WritePropertyName("args");
            (WriteArgs ?? Write)(writer);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private void Write(Utf8JsonWriter writer) => (Args ?? new JsonObject()).WriteTo(writer, JsonText.Compact);
}
