using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>
/// Values that a server parses when it reads a document. Commands, imports and checks of files all look at them here, so that
/// nobody takes what another refuses.
/// </summary>
internal static class ValueShapes
{
    /// <summary>What the names of variables begin with whose values a server keeps to itself.</summary>
    internal const string ReservedVariables = "HASURA_GRAPHQL_";

    /// <summary>A name of the user's: not empty.</summary>
    internal static readonly Shape Filled = new ValueShape("a text that is not empty", n => n.AsText() is { Length: > 0 });

    /// <summary>A name that GraphQL shows.</summary>
    internal static readonly Shape GraphQLName = new ValueShape("a GraphQL name: letters, digits and _, and no digit first", n => n.AsText() is { } text && GraphQLText.IsName(text));

    /// <summary>A value of an enumeration in GraphQL.</summary>
    internal static readonly Shape EnumValue = new ValueShape("a GraphQL name other than true, false and null", n => n.AsText() is { } text && GraphQLText.IsEnumValue(text));

    /// <summary>A type of GraphQL, such as <c>[Int!]!</c>.</summary>
    internal static readonly Shape GraphQLType = OfText(GraphQLText.TypeProblem);

    /// <summary>Operations and fragments of GraphQL.</summary>
    internal static readonly Shape Query = OfText(GraphQLText.QueryProblem);

    /// <summary>A schema in SDL.</summary>
    internal static readonly Shape GraphQLSchema = OfText(GraphQLText.SchemaProblem);

    /// <summary>When a cron trigger fires.</summary>
    internal static readonly Shape Schedule = OfText(text => CronSchedule.IsValid(text)
        ? null
        : "must be a cron schedule: five fields with one space between them, each *, numbers, ranges or a step, or one of @yearly, @monthly, @weekly, @daily, @hourly");

    /// <summary>A number without fraction.</summary>
    internal static readonly Shape Whole = new ValueShape("a whole number", n => AsNumber(n) is { } number && decimal.Truncate(number) == number);

    /// <summary>A number without fraction, zero or more.</summary>
    internal static readonly Shape Count = new ValueShape("a whole number, zero or more", n => AsNumber(n) is >= 0 and var number && decimal.Truncate(number) == number);

    /// <summary>A number, zero or more.</summary>
    internal static readonly Shape Duration = new ValueShape("a number, zero or more", n => AsNumber(n) is >= 0);

    /// <summary>The path of a REST endpoint.</summary>
    internal static readonly Shape EndpointPath = OfText(text => text.Length == 0 ? "must be a text that is not empty" : text[0] == '/' ? "must not start with a '/'" : null);

    /// <summary>The name of a variable of the server's environment whose value may be told to others.</summary>
    internal static readonly Shape HeaderVariable = OfText(HeaderVariableProblem);

    /// <summary>Columns of a table.</summary>
    internal static readonly Shape Columns = Either("a list of columns, or \"*\" for all", n => n.AsText() == "*", new ListShape(Filled, ListOrder.Set));

    /// <summary>One of some texts.</summary>
    internal static Shape OneOf(params string[] texts) => new ValueShape(texts is [var only] ? only : $"one of {string.Join(", ", texts)}", n => n.AsText() is { } text && texts.Contains(text));

    /// <summary>A short form, or a long one that is a map or a list.</summary>
    internal static Shape Either(string expected, Func<JsonNode, bool> acceptsShort, Shape longForm) => ShapeBuilder.Either(new ValueShape(expected, acceptsShort), longForm);

    /// <summary>Why a variable cannot be sent in a header; null where it can.</summary>
    internal static string? HeaderVariableProblem(string variable) =>
        variable.StartsWith(ReservedVariables, StringComparison.Ordinal) ? $"may not start with {ReservedVariables}, whose values a server does not send" : null;

    private static ValueShape OfText(Func<string, string?> problem) => new(n => n.AsText() is { } text ? problem(text) : "must be a text");

    private static decimal? AsNumber(JsonNode node) =>
        node.GetValueKind() == JsonValueKind.Number && decimal.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
