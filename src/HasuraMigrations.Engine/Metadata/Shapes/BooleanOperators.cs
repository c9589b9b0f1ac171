using static HasuraMigrations.Engine.Metadata.Shapes.ShapeBuilder;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>The operators of the boolean level of an expression.</summary>
internal static class BooleanOperators
{
    /// <summary>What <c>_exists</c> holds.</summary>
    internal static readonly ObjectShape Exists = new("exists", Needed("_table", Shape.Name), Needed("_where", Shape.Expression)) { IsAlphabetical = true, IsOpen = true };

    /// <summary>What <c>_and</c> and <c>_or</c> hold.</summary>
    internal static readonly ListShape List = new(Shape.Expression, ListOrder.Sequence);

    /// <summary>The spelling servers write; others as they are.</summary>
    internal static string Modern(string key) => key switch
    {
        "$and" => "_and",
        "$or" => "_or",
        "$not" => "_not",
        "$exists" => "_exists",
        _ => key,
    };
}
