using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Json;

/// <summary>
/// Trees by their texts: those that say the same in the same way are one. A tree that rests on text is not looked at for that, which costs
/// several times as much as to compare it. Several threads can use it.
/// </summary>
internal sealed class TreeTexts
{
    private readonly Dictionary<int, TreeText> _byHash = [];

    /// <summary>The text of a tree.</summary>
    internal TreeText Of(JsonNode? tree)
    {
        using var text = JsonText.Pooled(tree);
        return Of(text.WrittenSpan);
    }

    /// <summary>The text of a tree that was written as <see cref="JsonText.Pooled"/> writes it.</summary>
    /// <param name="utf8">The text; empty for a tree that is missing, which is the same as JSON null.</param>
    internal TreeText Of(ReadOnlySpan<byte> utf8)
    {
        utf8 = utf8.IsEmpty ? "null"u8 : utf8;
        var hash = new HashCode();
        hash.AddBytes(utf8);
        lock (_byHash)
        {
            ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_byHash, hash.ToHashCode(), out _);
            for (var known = first; known is not null; known = known.Next)
            {
                if (known.Is(utf8))
                {
                    return known;
                }
            }

            return first = new TreeText(utf8.ToArray(), first);
        }
    }
}

/// <summary>The text of a tree; trees with one text have one of these.</summary>
internal sealed class TreeText
{
    private readonly byte[] _utf8;

    internal TreeText(byte[] utf8, TreeText? next) => (_utf8, Next) = (utf8, next);

    /// <summary>Another text with the same hash.</summary>
    internal TreeText? Next { get; }

    /// <summary>A tree of its own; null for JSON null.</summary>
    internal JsonNode? ToTree()
    {
        var reader = new Utf8JsonReader(_utf8, new JsonReaderOptions { MaxDepth = JsonText.MaximumDepth });
        return JsonText.Tree(JsonElement.ParseValue(ref reader));
    }

    internal bool Is(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual(_utf8);
}
