using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Tests.Metadata.Merging;

/// <summary>One thing that a side of a merge does to a document.</summary>
/// <param name="Object">The object as conflicts name it; empty for what changes no meaning.</param>
/// <param name="Field">The field; empty for the object as a whole.</param>
/// <param name="Value">What is done, so that two edits that do the same are told; null for an edit that conflicts with no other of the field.</param>
/// <param name="Owners">The objects that it is lost with.</param>
/// <param name="Apply">Does it.</param>
internal sealed record MergeEdit(string Object, string Field, string? Value, IReadOnlyList<string> Owners, Action<JsonObject> Apply)
{
    internal bool IsRemoval => Field.Length == 0 && Value == "removed";

    internal bool IsForm => Object.Length == 0;

    /// <summary>True where one of two edits, of two sides, cannot be kept beside the other.</summary>
    internal bool Contradicts(MergeEdit other) =>
        (Object == other.Object && Field == other.Field && Value is not null && Value != other.Value) || Outlives(other) || other.Outlives(this);

    /// <summary>The place of the conflict with another edit.</summary>
    internal (string Object, string Field) ConflictWith(MergeEdit other) => Outlives(other) ? (other.Object, "") : (Object, other.Outlives(this) ? "" : Field);

    /// <summary>True where one side cannot do both.</summary>
    internal bool Excludes(MergeEdit other) => (Object == other.Object && Field == other.Field) || Outlives(other) || other.Outlives(this);

    private bool Outlives(MergeEdit removal) => removal.IsRemoval && !IsForm && (Owners.Contains(removal.Object) || (Object == removal.Object && !IsRemoval));
}

/// <summary>Finds the parts of a document that edits change, in any document that has them.</summary>
internal static class MergePath
{
    /// <summary>The list entry whose member says a name; null for none.</summary>
    internal static JsonObject? Entry(JsonNode? list, string member, string name) =>
        list.AsObjects().FirstOrDefault(e => (e[member].AsText() ?? e[member].Get("name").AsText()) == name);

    /// <summary>The map at a path, made where it is missing.</summary>
    internal static JsonObject Map(JsonObject owner, params string[] keys)
    {
        foreach (var key in keys)
        {
            owner = owner[key] as JsonObject ?? (JsonObject)(owner[key] = new JsonObject());
        }

        return owner;
    }

    /// <summary>The list at a key, made where it is missing.</summary>
    internal static JsonArray List(JsonObject owner, string key) => owner[key] as JsonArray ?? (JsonArray)(owner[key] = new JsonArray());
}
