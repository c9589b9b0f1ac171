using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>What tells an entry of a list apart from the others.</summary>
/// <param name="Name">Name of a table or function, where it is one.</param>
/// <param name="Text">Text, or JSON where it is none; empty beside a name.</param>
internal readonly record struct EntryKey(QualifiedName Name, string Text) : IComparable<EntryKey>
{
    /// <summary>The key that may come once.</summary>
    internal static EntryKey Of(JsonNode? entry, ListShape list) => Of(entry, list, list.Key);

    /// <summary>What the entry is sorted by.</summary>
    internal static EntryKey ForOrder(JsonNode? entry, ListShape list) => Of(entry, list, list.SortKey ?? list.Key);

    private static EntryKey Of(JsonNode? entry, ListShape list, string? key)
    {
        var value = key is not null && entry is JsonObject map ? map[key] : entry;
        var isName = list.Key is "table" or "function" or "stored_procedure" || list.Element is QualifiedNameShape;
        return isName && QualifiedName.Read(value) is { } name
            ? new EntryKey(name, "")
            : new EntryKey(default, value.AsText() ?? value.ToText());
    }

    /// <inheritdoc/>
    public int CompareTo(EntryKey other)
    {
        var byName = Name.CompareTo(other.Name);
        return byName != 0 ? byName : string.CompareOrdinal(Text, other.Text);
    }

    /// <summary>As a person reads it.</summary>
    public override string ToString() => Name.Name is null ? Text : Name.ToString();
}
