using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>The anchors of a text. Whatever stands for an anchor's node gets a copy, since a node has one place in a tree.</summary>
/// <param name="positions">Gets the place of every copy: that of its original.</param>
/// <param name="includes">Gets the copies that name other files.</param>
internal sealed class YamlAnchors(MetadataPositions positions, ICollection<YamlInclude>? includes)
{
    private readonly Dictionary<AnchorName, JsonNode?> _nodes = [];
    private readonly Dictionary<JsonNode, YamlInclude> _includes = new(ReferenceEqualityComparer.Instance);
    private long _copied;
    private long _characters;

    /// <summary>Keeps a node where its event has an anchor, and gives it back.</summary>
    internal JsonNode? Remember(NodeEvent start, JsonNode? node)
    {
        if (!start.Anchor.IsEmpty)
        {
            _nodes[start.Anchor] = node;
        }

        return node;
    }

    /// <summary>Keeps an include, which its copies are too.</summary>
    internal void Remember(YamlInclude include) => _includes[include.Node] = include;

    /// <summary>The node an alias stands for.</summary>
    /// <exception cref="YamlException">Nothing has that anchor.</exception>
    internal JsonNode? Target(AnchorAlias alias) =>
        // The name is not told: it may be a secret that begins with an asterisk and is not in quotes.
        _nodes.TryGetValue(alias.Value, out var node) ? node : throw YamlMistakes.Refuse(alias, YamlLimits.UnknownAlias);

    /// <summary>A copy of a node and of all below it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="at">The place that is told where the copies become too many or too deep.</param>
    /// <param name="depth">How many lists and maps are open around the copy.</param>
    /// <exception cref="YamlException">The copies of the text are too many, or nest too deep.</exception>
    internal JsonNode? Copy(JsonNode? node, ParsingEvent at, int depth)
    {
        if (++_copied > YamlLimits.MaximumAliasedNodes)
        {
            throw YamlMistakes.Refuse(at, $"Aliases stand for more than {YamlLimits.MaximumAliasedNodes} nodes.");
        }

        if (node is null)
        {
            return null;
        }

        if (node is JsonValue value && value.TryGetValue<string>(out var text))
        {
            YamlLimits.RequireFew(_characters += text.Length, at);
        }

        // Aliases of aliases nest too.
        if (depth > YamlLimits.MaximumDepth)
        {
            throw YamlMistakes.Refuse(at, $"Nesting is deeper than {YamlLimits.MaximumDepth} levels.");
        }

        JsonNode copy = node switch
        {
            JsonObject map => new JsonObject(map.Select(p => KeyValuePair.Create(p.Key, Copy(p.Value, at, depth + 1)))),
            JsonArray list => new JsonArray([.. list.Select(n => Copy(n, at, depth + 1))]),
            _ => node.DeepClone(),
        };
        if (_includes.TryGetValue(node, out var include))
        {
            includes!.Add(include with { Node = copy.AsValue() });
        }

        if (positions.Of(node) is { } position)
        {
            positions.Set(copy, position);
        }

        return copy;
    }
}
