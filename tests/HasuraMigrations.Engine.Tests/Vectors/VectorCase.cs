using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Vectors;

/// <summary>One request/response case of the metadata API.</summary>
internal sealed record VectorCase(string Id, JsonObject Entry)
{
    private static readonly string? Root = SharedData.Find("vectors/metadata-api");

    public static IReadOnlyDictionary<string, VectorCase> All { get; } = Root is null
        ? new Dictionary<string, VectorCase>()
        : JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "index.json")))!.AsArray().OfType<JsonObject>().ToDictionary(e => e["id"]!.ToString(), e => new VectorCase(e["id"]!.ToString(), e));

    /// <summary>The same case among those of schemas, which know the settings of its server; null where it is not there.</summary>
    public JsonObject? OfSchemas => ApiSchemaVectorTests.All.GetValueOrDefault(Id);

    public string Kind => Entry["kind"]!.ToString();

    public string Era => Entry["era"]!.ToString();

    public bool IsVersion1 => Era == "v1.3.3";

    public IEnumerable<string> Flags => Entry["flags"].AsTexts();

    /// <summary>Files to send before and after the case, in their order.</summary>
    public IEnumerable<string> Files(string key) => Entry[key].AsTexts();

    public JsonNode? Document => Read(Entry["file"]!.ToString());

    /// <summary>The directory of the era, which scenarios name their files from.</summary>
    public string EraDirectory => IsVersion1 ? "v1.3.3" : "v2.48";

    /// <summary>True where a directory has its SQL apart, which goes to another path.</summary>
    public static bool HasSqlApart(string file) =>
        Directory.EnumerateFiles(Path.Combine(Root!, Path.GetDirectoryName(file)!), "schema_setup*.yaml").Any();

    public static JsonNode? Read(string file)
    {
        var path = Path.Combine(Root!, file);
        return YamlReader.Read(File.ReadAllText(path), path, new MetadataPositions());
    }

    public static bool Exists(string file) => File.Exists(Path.Combine(Root!, file));
}
