using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>A place of a YAML file where another file is named: <c>!include x.yaml</c> as a tag or at the start of quoted text.</summary>
/// <param name="Node">Stands for the file in the tree until it is replaced by the content.</param>
/// <param name="Path">The path as written, relative to the directory of the file that names it.</param>
/// <param name="Position">Where it stands.</param>
internal sealed record YamlInclude(JsonValue Node, string Path, SourcePosition Position)
{
    /// <summary>What text begins with where it names a file.</summary>
    internal const string Prefix = "!include ";
}
