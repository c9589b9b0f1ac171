using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>
/// What a part of the document looks like: which keys it has and in which order a server writes them, which lists are
/// sets and what tells their entries apart, what stands for a default. Order, comparison, upgrade and the check of a
/// document all read the same shapes.
/// </summary>
internal abstract class Shape
{
    /// <summary>Any JSON, such as a payload; the order of its lists matters.</summary>
    internal static readonly Shape Any = new ValueShape(_ => null);

    /// <summary>Text.</summary>
    internal static readonly Shape Text = new ValueShape("a text", n => n.GetValueKind() == JsonValueKind.String);

    /// <summary>A number.</summary>
    internal static readonly Shape Number = new ValueShape("a number", n => n.GetValueKind() == JsonValueKind.Number);

    /// <summary>True or false.</summary>
    internal static readonly Shape Boolean = new ValueShape("true or false", n => n.GetValueKind() is JsonValueKind.True or JsonValueKind.False);

    /// <summary>Name of a table or function: text, an object, or with data connectors a list.</summary>
    internal static readonly Shape Name = new QualifiedNameShape();

    /// <summary>A boolean expression of a permission.</summary>
    internal static readonly Shape Expression = new ExpressionShape();

    /// <summary>A set of texts.</summary>
    internal static readonly Shape TextSet = new ListShape(Text, ListOrder.Set);

    /// <summary>Texts in an order that matters.</summary>
    internal static readonly Shape TextSequence = new ListShape(Text, ListOrder.Sequence);
}

/// <summary>A value that is taken as it is.</summary>
/// <param name="problem">Says what is wrong with a value, such as <c>must be a text</c>; null where nothing is.</param>
internal sealed class ValueShape(Func<JsonNode, string?> problem) : Shape
{
    /// <summary>A value that is accepted or not.</summary>
    /// <param name="expected">Words for what is accepted.</param>
    /// <param name="accepts">Tells it.</param>
    internal ValueShape(string expected, Func<JsonNode, bool> accepts)
        : this(n => accepts(n) ? null : $"must be {expected}")
    {
    }

    /// <summary>What is wrong with a value; null where nothing is.</summary>
    internal string? Problem(JsonNode node) => problem(node);
}

/// <summary>Generic JSON to whoever writes or compares it, of which a server demands a shape all the same.</summary>
/// <param name="inner">Gives the shape, which may hold itself.</param>
internal sealed class CheckedShape(Func<Shape> inner) : Shape
{
    internal Shape Inner => inner();
}

/// <summary>A name that may have a schema.</summary>
internal sealed class QualifiedNameShape : Shape;

/// <summary>A boolean expression.</summary>
internal sealed class ExpressionShape : Shape;

/// <summary>A map whose keys are names of the user's.</summary>
internal sealed class MapShape(Shape value) : Shape
{
    internal Shape Value => value;

    /// <summary>A server wants exactly one key.</summary>
    internal bool IsOfOne { get; init; }
}

/// <summary>A shape that depends on the value: short forms and long forms.</summary>
internal sealed class ChoiceShape(Func<JsonNode, Shape> choose) : Shape
{
    internal Shape For(JsonNode node) => choose(node);
}

/// <summary>Whether the order of a list means something.</summary>
internal enum ListOrder
{
    /// <summary>It does.</summary>
    Sequence,

    /// <summary>It does not, and a server keeps it.</summary>
    Set,

    /// <summary>It does not, and a server sorts by the key.</summary>
    Sorted,
}

/// <summary>A list.</summary>
/// <param name="element">What its entries look like.</param>
/// <param name="order">Whether the order means something.</param>
/// <param name="key">The member of an entry that tells it apart; null for entries that are their own key.</param>
internal sealed class ListShape(Shape element, ListOrder order, string? key = null) : Shape
{
    internal Shape Element => element;

    internal ListOrder Order => order;

    internal string? Key => key;

    /// <summary>The member a server sorts by, where that is not the key.</summary>
    internal string? SortKey { get; init; }

    /// <summary>A server refuses an empty list.</summary>
    internal bool IsFilled { get; init; }

    /// <summary>A server refuses a value that stands twice.</summary>
    internal bool IsDistinct { get; init; }

    /// <summary>The list an import would read as the same: what is told apart by a key is a list of objects.</summary>
    internal ObjectShape? Objects => element as ObjectShape;
}

/// <summary>A member of an object.</summary>
/// <param name="Name">Key.</param>
/// <param name="Shape">What its value looks like.</param>
internal sealed record Member(string Name, Shape Shape)
{
    /// <summary>The document is refused without it.</summary>
    internal bool IsRequired { get; init; }

    /// <summary>What its absence stands for, as JSON text; null for JSON null.</summary>
    internal string? Default { get; init; }

    /// <summary>A server writes it even where it has its default.</summary>
    internal bool IsAlwaysWritten { get; init; }

    /// <summary>A server writes it where it was given, though it may have its default.</summary>
    internal bool IsKeptWhereGiven { get; init; }

    /// <summary>The default as a new node.</summary>
    internal JsonNode? MakeDefault() => Default is null ? null : JsonNode.Parse(Default);

    /// <summary>True for JSON null and for the default.</summary>
    internal bool IsDefault(JsonNode? value) =>
        value is null || (Default is not null && value.SameAs(JsonNode.Parse(Default)));
}

/// <summary>An object with known keys.</summary>
internal sealed class ObjectShape : Shape
{
    private readonly Dictionary<string, Member> _byName;

    internal ObjectShape(string noun, params Member[] members)
    {
        Noun = noun;
        Members = members;
        Required = Array.FindAll(members, m => m.IsRequired && m.Default is null);
        _byName = members.ToDictionary(m => m.Name, StringComparer.Ordinal);
    }

    /// <summary>What a person calls it.</summary>
    internal string Noun { get; }

    /// <summary>Members in the order a server writes them.</summary>
    internal IReadOnlyList<Member> Members { get; }

    /// <summary>What it is, where it is an object that changes are told of.</summary>
    internal MetadataObjectKind? Kind { get; init; }

    /// <summary>A server writes the keys in alphabetical order.</summary>
    internal bool IsAlphabetical { get; init; }

    /// <summary>A server refuses keys it does not know.</summary>
    internal bool RefusesUnknownKeys { get; init; }

    /// <summary>A document has many that are equal, such as those of several roles.</summary>
    internal bool IsRepeated { get; init; }

    /// <summary>Other keys are expected, such as those of another kind of database.</summary>
    internal bool IsOpen { get; init; }

    /// <summary>What a server demands of several members together; each says what is wrong, or null.</summary>
    internal Func<JsonObject, string?>[] Rules { get; init; } = [];

    /// <summary>Members without which the document is refused.</summary>
    internal Member[] Required { get; }

    internal Member? Find(string name) => _byName.GetValueOrDefault(name);
}
