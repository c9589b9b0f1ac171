using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>The words shapes are written with.</summary>
internal static class ShapeBuilder
{
    /// <summary>A member a document is refused without.</summary>
    internal static Member Needed(string name, Shape shape) => new(name, shape) { IsRequired = true, IsAlwaysWritten = true };

    /// <summary>A member that is left out where it has its default.</summary>
    internal static Member Maybe(string name, Shape shape, string? byDefault = null) => new(name, shape) { Default = byDefault };

    /// <summary>A member that is written where it has its default, too.</summary>
    internal static Member Written(string name, Shape shape, string? byDefault) => new(name, shape) { Default = byDefault, IsAlwaysWritten = true };

    /// <summary>A member that is written where it was given, default or not.</summary>
    internal static Member Given(string name, Shape shape, string byDefault) => new(name, shape) { Default = byDefault, IsKeptWhereGiven = true };

    /// <summary>Objects that a server sorts by a key.</summary>
    internal static Member Listed(string name, ObjectShape element, string key) => Maybe(name, new ListShape(element, ListOrder.Sorted, key), "[]");

    /// <summary>Objects whose order a server keeps, though it means nothing.</summary>
    internal static Member Kept(string name, Shape element, string key) => Maybe(name, new ListShape(element, ListOrder.Set, key), "[]");

    /// <summary>A short form, or a long form that is an object or a list.</summary>
    internal static Shape Either(Shape shortForm, Shape longForm) => new ChoiceShape(node => (node, longForm) switch
    {
        (JsonObject, ObjectShape or MapShape) => longForm,
        (JsonArray, ListShape) => longForm,
        _ => shortForm,
    });

    /// <summary>A rule: one of two members is given, and not both.</summary>
    internal static Func<JsonObject, string?> ExactlyOne(string first, string second) =>
        map => map[first] is null == map[second] is null ? $"must have exactly one of '{first}' and '{second}'" : null;

    /// <summary>A rule: a member is given where something holds.</summary>
    internal static Func<JsonObject, string?> NeededWhere(Func<JsonObject, bool> holds, string member, string words) =>
        map => holds(map) && map[member] is null ? $"must have '{member}' {words}" : null;
}
