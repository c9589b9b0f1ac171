using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>An object of the metadata that cannot be built.</summary>
/// <param name="Id">The object.</param>
/// <param name="Reason">Why, with the prefix of the server.</param>
/// <param name="Entry">What a list of inconsistent objects says of it.</param>
internal sealed record Inconsistency(ObjectId Id, string Reason, JsonObject Entry);

/// <summary>A rule is broken: the object that was looked at cannot be built.</summary>
internal sealed class RuleException(string reason) : Exception(reason);

/// <summary>The inconsistent objects that a build finds, in their order.</summary>
internal sealed class InconsistencyList(MetadataEra era)
{
    private readonly List<Inconsistency> _found = [];

    /// <summary>Those found so far.</summary>
    internal IReadOnlyList<Inconsistency> Found => _found;

    /// <summary>Adds an object.</summary>
    /// <param name="id">The object.</param>
    /// <param name="type">Its type in the list.</param>
    /// <param name="name">Its name in the list, without the type.</param>
    /// <param name="definition">Its definition.</param>
    /// <param name="reason">Why.</param>
    /// <param name="details">The member <c>message</c>; null for none.</param>
    internal void Add(ObjectId id, string type, string name, JsonNode? definition, string reason, string? details = null)
    {
        // Servers 2.x begin the reason with the kind of inconsistency and name the object; servers 1.x do neither (Hasura 1.3.3 and 2.48).
        var told = era.IsVersion1 ? reason : $"Inconsistent object: {reason}";
        var entry = new JsonObject { ["definition"] = definition?.DeepClone(), ["reason"] = told, ["type"] = type };
        if (!era.IsVersion1)
        {
            entry["name"] = $"{type} {name}";
            if (details is not null)
            {
                entry["message"] = details;
            }
        }

        _found.Add(new Inconsistency(id, told, entry));
    }

    /// <summary>Adds objects that claim one name.</summary>
    internal void AddConflict(IReadOnlyList<MetadataObject> objects, string reason)
    {
        var told = era.IsVersion1 ? reason : $"Conflicting objects: {reason}";
        var shown = new JsonArray([.. objects.Select(o => (JsonNode)o.ToConflict(era))]);
        foreach (var one in objects)
        {
            _found.Add(new Inconsistency(one.Id, told, new JsonObject { ["reason"] = told, ["objects"] = shown.DeepClone() }));
        }
    }

    /// <summary>Adds an entry of a shape of its own.</summary>
    internal void Add(ObjectId id, string reason, JsonObject entry) => _found.Add(new Inconsistency(id, reason, entry));

    /// <summary>The list as servers answer it; entries that tell of several objects come once.</summary>
    internal static JsonArray ToJson(IEnumerable<Inconsistency> found)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        return new JsonArray([.. found.Where(i => texts.Add(i.Entry.ToText())).Select(i => i.Entry.DeepClone())]);
    }
}

/// <summary>An object as lists of inconsistent objects show it. Most objects are never shown, and their names and definitions together are as large as the document.</summary>
/// <param name="id">The object.</param>
/// <param name="type">Its type in the list.</param>
internal abstract class MetadataObject(ObjectId id, string type)
{
    /// <summary>The object.</summary>
    internal ObjectId Id => id;

    /// <summary>Its type in the list.</summary>
    internal string Type => type;

    /// <summary>Its name in the list, without the type.</summary>
    internal abstract string Name { get; }

    /// <summary>Its definition.</summary>
    internal abstract JsonNode? Definition { get; }

    /// <summary>As one of several that conflict.</summary>
    internal JsonObject ToConflict(MetadataEra era)
    {
        var shown = new JsonObject { ["type"] = Type, ["definition"] = Definition?.DeepClone() };
        if (!era.IsVersion1)
        {
            shown["name"] = $"{Type} {Name}";
        }

        return shown;
    }
}

/// <summary>An object of which a document has few.</summary>
/// <param name="id">The object.</param>
/// <param name="type">Its type in the list.</param>
/// <param name="name">Its name in the list, without the type.</param>
/// <param name="shown">Makes its definition.</param>
internal sealed class NamedObject(ObjectId id, string type, string name, Func<JsonNode?> shown) : MetadataObject(id, type)
{
    /// <inheritdoc/>
    internal override string Name => name;

    /// <inheritdoc/>
    internal override JsonNode? Definition => shown();
}
