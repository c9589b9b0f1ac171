using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>What the writer has to know about a file beyond its content.</summary>
internal sealed record YamlWriteOptions
{
    internal static readonly YamlWriteOptions Default = new();

    /// <summary>The fields that Hasura's CLI handles as text of Go; they have slightly other rules for quotes.</summary>
    internal YamlFieldPaths? GoText { get; init; }

    /// <summary>The nodes that name another file; each is written in double quotes, as the CLI does.</summary>
    internal IReadOnlySet<JsonNode>? Includes { get; init; }

    /// <summary>
    /// True where a file may include others. A server's own text that begins with <c>!include </c> is then written as
    /// <c>"\x21include "</c>, which the reader takes as text. Hasura's CLI would take it for an include in any form.
    /// </summary>
    internal bool EscapesIncludes { get; init; }
}

/// <summary>A set of paths such as <c>actions/*/name</c>, where <c>*</c> stands for every entry of a list or map.</summary>
internal sealed class YamlFieldPaths
{
    private readonly Dictionary<string, YamlFieldPaths> _children = new(StringComparer.Ordinal);

    internal YamlFieldPaths(params IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            var at = this;
            foreach (var part in path.Split('/'))
            {
                at = at._children.TryGetValue(part, out var child) ? child : at._children[part] = new YamlFieldPaths();
            }
        }
    }

    /// <summary>True at the end of a path.</summary>
    internal bool IsEnd => _children.Count == 0;

    internal YamlFieldPaths? Child(string key) => _children.GetValueOrDefault(key) ?? _children.GetValueOrDefault("*");
}
