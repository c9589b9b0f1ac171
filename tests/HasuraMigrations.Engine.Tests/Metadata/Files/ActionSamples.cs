using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Tests.Support;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace HasuraMigrations.Engine.Tests.Metadata.Files;

/// <summary>Files of actions of the reference and of the sample projects, and a plain YAML reader for them.</summary>
internal static class ActionSamples
{
    /// <summary>Examples with their expected document; null where they are not there.</summary>
    public static string? Examples => MetadataExamples.Root;

    public static IEnumerable<string> SdlFiles(string root) =>
        Directory.EnumerateFiles(root, "actions.graphql", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    public static JsonNode? YamlBeside(string sdlFile)
    {
        var file = Path.ChangeExtension(sdlFile, ".yaml");
        return File.Exists(file) ? Yaml(File.ReadAllText(file)) : null;
    }

    public static JsonNode? Yaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 0 ? null : Node(stream.Documents[0].RootNode);
    }

    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(p => KeyValuePair.Create(((YamlScalarNode)p.Key).Value!, Node(p.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Node)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" or "" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } truth => truth.Value == "true",
        YamlScalarNode { Style: ScalarStyle.Plain } plain when int.TryParse(plain.Value, CultureInfo.InvariantCulture, out var number) => number,
        _ => ((YamlScalarNode)node).Value,
    };
}
