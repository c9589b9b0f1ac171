using System.Text.RegularExpressions;
using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>GraphQL inside a document: names, types, operations, schemas. A server parses all of it before it takes the document.</summary>
internal static partial class GraphQLText
{
    private static readonly ParserOptions Options = new() { Ignore = IgnoreOptions.All };

    /// <summary>True for a name of GraphQL.</summary>
    internal static bool IsName(string text) => Name().IsMatch(text);

    /// <summary>True for a name that can be a value of an enumeration.</summary>
    internal static bool IsEnumValue(string text) => IsName(text) && text is not ("true" or "false" or "null");

    /// <summary>What is wrong with the type of a field or argument, such as <c>[Int!]!</c>; null where nothing is.</summary>
    internal static string? TypeProblem(string text)
    {
        // The parser stops behind a type and does not look at what follows.
        var problem = Parse($"query q($v: {text}) {{ v }}", out var definitions);
        return problem is null && definitions is [GraphQLOperationDefinition { Variables.Items: [{ DefaultValue: null, Directives: null }], SelectionSet.Selections.Count: 1 }] && !text.AsSpan().ContainsAny(",#$(){}")
            ? null
            : "must be a GraphQL type, such as [Int!]!";
    }

    /// <summary>What is wrong with operations and fragments; null where nothing is.</summary>
    internal static string? QueryProblem(string text) =>
        Parse(text, out var definitions) is { } problem ? $"must be a GraphQL query: {problem}"
        : definitions.All(d => d is GraphQLOperationDefinition or GraphQLFragmentDefinition) ? null
        : "must be a GraphQL query: it defines types";

    /// <summary>What is wrong with a schema in SDL; null where nothing is.</summary>
    internal static string? SchemaProblem(string text) =>
        Parse(text, out var definitions) is { } problem ? $"must be a GraphQL schema: {problem}"
        : definitions.All(d => d is not (GraphQLOperationDefinition or GraphQLFragmentDefinition)) ? null
        : "must be a GraphQL schema: it has operations";

    /// <summary>Operations, fragments and types of a text; none where it cannot be parsed.</summary>
    internal static IReadOnlyList<ASTNode> Definitions(string text) => Parse(text, out var definitions) is null ? definitions : [];

    private static string? Parse(string text, out IReadOnlyList<ASTNode> definitions)
    {
        definitions = [];
        try
        {
            definitions = Parser.Parse(text, Options).Definitions;
            return definitions.Count == 0 ? "it is empty" : null;
        }
        catch (GraphQLSyntaxErrorException e)
        {
            return $"{e.Description.Split(';')[0].TrimEnd('.')} (line {e.Location.Line}, column {e.Location.Column})";
        }
        catch (GraphQLMaxDepthExceededException)
        {
            return "it is nested too deep";
        }
    }

    [GeneratedRegex(@"^[_A-Za-z][_0-9A-Za-z]*\z")]
    private static partial Regex Name();
}
