using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>Which parts of an object are objects of their own, and which belong to it.</summary>
internal static class ShapeTree
{
    private static readonly ConditionalWeakTable<ObjectShape, object> Holders = [];
    private static readonly ConditionalWeakTable<ObjectShape, object> Parents = [];

    /// <summary>The list of objects a member holds; null where its value is part of the object itself.</summary>
    internal static ListShape? ObjectsOf(Member? member) => member?.Shape is ListShape { Objects.Kind: not null } list ? list : null;

    /// <summary>The object of its own that a member is; null where it is none.</summary>
    internal static ObjectShape? ObjectOf(Member? member) => member?.Shape is ObjectShape { Kind: not null } shape ? shape : null;

    /// <summary>A member that only groups objects, such as the custom types; null where it does not.</summary>
    internal static ObjectShape? GroupOf(Member? member) => member?.Shape is ObjectShape { Kind: null } shape && Groups(shape) ? shape : null;

    /// <summary>An object without those below it; the object itself where nothing can be below it.</summary>
    internal static JsonObject Own(JsonObject map, ObjectShape shape)
    {
        if (!HasBelow(shape))
        {
            return map;
        }

        var own = new JsonObject();
        foreach (var (key, value) in map)
        {
            var member = shape.Find(key);
            if ((ObjectsOf(member) is not null && value is JsonArray or null) || (ObjectOf(member) is not null && value is JsonObject or null))
            {
                continue;
            }

            if (GroupOf(member) is not { } group || value is not JsonObject inner)
            {
                own[key] = value?.DeepClone();
            }
            else if (Own(inner, group) is { Count: > 0 } rest)
            {
                own[key] = rest;
            }
        }

        return own;
    }

    /// <summary>True where objects of their own may be below an object.</summary>
    internal static bool HasBelow(ObjectShape shape) =>
        Parents.GetValue(shape, s => s.Members.Any(m => ObjectsOf(m) is not null || ObjectOf(m) is not null || GroupOf(m) is not null)) is true;

    private static bool Groups(ObjectShape shape) =>
        Holders.GetValue(shape, s => s.Members.Any(m => ObjectsOf(m) is not null || GroupOf(m) is not null)) is true;
}
