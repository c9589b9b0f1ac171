using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>A document and the databases of its sources at one moment. A command makes another one of it.</summary>
internal sealed class MetadataState
{
    private readonly Lazy<SchemaCache> _cache;
    private readonly Lazy<IReadOnlyList<UnreadableObject>> _unreadable;
    private readonly Lazy<JsonObject> _readable;

    internal MetadataState(MetadataEra era, JsonObject root, IReadOnlyDictionary<string, SourceFacts> facts)
        : this(era, root, facts, new Lazy<IReadOnlyList<UnreadableObject>>(() => UnreadableObjects.Find(root)))
    {
    }

    private MetadataState(MetadataEra era, JsonObject root, IReadOnlyDictionary<string, SourceFacts> facts, Lazy<IReadOnlyList<UnreadableObject>> unreadable)
    {
        (Era, Root, Facts, _unreadable) = (era, root, facts, unreadable);
        _readable = new Lazy<JsonObject>(() => UnreadableObjects.Without(Root, Unreadable));
        _cache = new Lazy<SchemaCache>(() => SchemaBuilder.Build(this));
    }

    /// <summary>The line of servers.</summary>
    internal MetadataEra Era { get; }

    /// <summary>The document, which nobody changes.</summary>
    internal JsonObject Root { get; }

    /// <summary>The databases of the sources by name.</summary>
    internal IReadOnlyDictionary<string, SourceFacts> Facts { get; }

    /// <summary>What no server could read of the document.</summary>
    internal IReadOnlyList<UnreadableObject> Unreadable => _unreadable.Value;

    /// <summary>The document without what no server could read.</summary>
    internal JsonObject Readable => _readable.Value;

    /// <summary>The schema that is built of them.</summary>
    internal SchemaCache Cache => _cache.Value;

    /// <summary>The same databases with another document, of which everything new has been looked at.</summary>
    internal MetadataState With(JsonObject root)
    {
        var isReadable = Unreadable.Count == 0;
        return new(Era, root, Facts, new Lazy<IReadOnlyList<UnreadableObject>>(() => isReadable ? [] : UnreadableObjects.Find(root)));
    }

    /// <summary>The same databases with another document, all of which has been looked at.</summary>
    internal MetadataState WithReadable(JsonObject root) => new(Era, root, Facts, new Lazy<IReadOnlyList<UnreadableObject>>([]));

    /// <summary>The same document with other databases.</summary>
    internal MetadataState With(IReadOnlyDictionary<string, SourceFacts> facts) => new(Era, Root, facts, _unreadable);
}
