using System.Text.RegularExpressions;
using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>GraphQL inside a document: names, types, operations, schemas. A server parses all of it before it takes the document.</summary>
internal static partial class GraphQLText
{
    private static readonly ParserOptions Options = new() { Ignore = IgnoreOptions.All };
    private static readonly ParserOptions WithPlaces = new() { Ignore = IgnoreOptions.Comments };

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

    /// <summary>Reads a text with the places of its parts.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fault">Why it cannot be read; null where it can.</param>
    /// <returns>Its definitions; null where it cannot be read.</returns>
    internal static GraphQLDocument? Read(string text, out GraphQLFault? fault) => Read(text, WithPlaces, out fault);

    private static string? Parse(string text, out IReadOnlyList<ASTNode> definitions)
    {
        definitions = Read(text, Options, out var fault)?.Definitions ?? [];
        return fault is { } found ? (found.Line is { } line ? $"{found.Message} (line {line}, column {found.Column})" : found.Message) : definitions.Count == 0 ? "it is empty" : null;
    }

    private static GraphQLDocument? Read(string text, ParserOptions options, out GraphQLFault? fault)
    {
        try
        {
            fault = null;
            return Parser.Parse(text, options);
        }
        catch (GraphQLSyntaxErrorException e)
        {
            fault = new GraphQLFault(e.Description.Split(';')[0].TrimEnd('.'), e.Location.Line, e.Location.Column);
        }
        catch (GraphQLMaxDepthExceededException)
        {
            fault = new GraphQLFault("it is nested too deep", null, null);
        }

        return null;
    }

    [GeneratedRegex(@"^[_A-Za-z][_0-9A-Za-z]*\z")]
    private static partial Regex Name();
}

/// <summary>Why a text is no GraphQL.</summary>
/// <param name="Message">Why.</param>
/// <param name="Line">Line in the text, from 1; null where it cannot be named.</param>
/// <param name="Column">Column in that line, from 1; null where it cannot be named.</param>
internal readonly record struct GraphQLFault(string Message, int? Line, int? Column);
