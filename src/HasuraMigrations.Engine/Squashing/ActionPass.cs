using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>What an action does to the object of a pass.</summary>
internal enum ActionRole
{
    /// <summary>It makes the object.</summary>
    Create,

    /// <summary>It needs the object, and changes it or something of it.</summary>
    Change,

    /// <summary>It removes the object.</summary>
    Drop,
}

/// <summary>How actions of a type take part in a pass.</summary>
/// <param name="Type">The type.</param>
/// <param name="Role">What they do.</param>
/// <param name="Key">Which object it is, of their arguments; null where the arguments do not say.</param>
internal sealed record ActionPart(string Type, ActionRole Role, Func<JsonNode?, string?> Key)
{
    /// <summary>Takes a change into the action that made the object; false where it cannot be. Null where it never is.</summary>
    internal Func<JsonObject, JsonObject, bool>? Fold { get; init; }

    /// <summary>True where a later one makes an earlier one pointless.</summary>
    internal bool IsReplacedByNext { get; init; }
}

/// <summary>A kind of object whose actions are merged: what is made and removed within a range need not be done at all.</summary>
/// <param name="Name">What it is, for messages.</param>
/// <param name="Parts">The types of actions.</param>
internal sealed record ActionPass(string Name, IReadOnlyList<ActionPart> Parts)
{
    /// <summary>Types between two actions that keep one from being taken into or replaced by the other, since the result would come at another place.</summary>
    internal IReadOnlyList<string> Blockers { get; init; } = [];

    /// <summary>True where a drop makes changes before it pointless, even of an object that the range did not make.</summary>
    internal bool DropReplacesChanges { get; init; }

    /// <summary>
    /// True where a drop with <c>cascade</c> removes only what is among the changes. Where it is false, such a drop stays, as it may
    /// remove objects of others.
    /// </summary>
    internal bool CascadeStaysInside { get; init; }

    /// <summary>Types of changes that have to be undone before a drop without <c>cascade</c>, with the type that undoes each.</summary>
    internal IReadOnlyDictionary<string, string> Holders { get; init; } = new Dictionary<string, string>();

    /// <summary>The part of a type; null where it takes none.</summary>
    internal ActionPart? Find(string type) => Parts.FirstOrDefault(p => p.Type == type);
}
