using System.Text.Json.Nodes;
using GraphQLParser;
using GraphQLParser.AST;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>Answers a request for the introspection of a schema, as a server does.</summary>
internal sealed class IntrospectionAnswer
{
    private readonly ApiSchema _schema;
    private readonly GraphQLDocument _document;

    private IntrospectionAnswer(ApiSchema schema, string query) => (_schema, _document) = (schema, Parser.Parse(query, new ParserOptions { Ignore = IgnoreOptions.All }));

    /// <summary>The answer; null where the request asks for data.</summary>
    public static JsonObject? Of(ApiSchema schema, string query)
    {
        var answer = new IntrospectionAnswer(schema, query);
        var operation = answer._document.Definitions.OfType<GraphQLOperationDefinition>().First();
        return operation.SelectionSet.Selections.OfType<GraphQLField>().All(f => f.Name.StringValue is "__schema" or "__type") ? new JsonObject { ["data"] = answer.Select(operation.SelectionSet, answer.Root) } : null;
    }

    private JsonObject Select(GraphQLSelectionSet? selections, Func<GraphQLField, JsonNode?> value)
    {
        var result = new JsonObject();
        foreach (var selection in selections?.Selections ?? [])
        {
            switch (selection)
            {
                case GraphQLField field:
                    result[field.Alias?.Name.StringValue ?? field.Name.StringValue] = value(field);
                    break;
                case GraphQLFragmentSpread spread:
                    var fragment = _document.Definitions.OfType<GraphQLFragmentDefinition>().Single(f => f.FragmentName.Name.Value == spread.FragmentName.Name.Value);
                    foreach (var (key, one) in Select(fragment.SelectionSet, value).ToList())
                    {
                        result[key] = one?.DeepClone();
                    }

                    break;
            }
        }

        return result;
    }

    private JsonNode? Root(GraphQLField field) => field.Name.StringValue == "__type"
        ? _schema.Find(((GraphQLStringValue)field.Arguments!.Items.Single().Value).Value.ToString()) is { } type ? Type(field, type) : null
        : Select(field.SelectionSet, f => f.Name.StringValue switch
        {
            "queryType" => Named(f, _schema.QueryType),
            "mutationType" => Named(f, _schema.MutationType),
            "subscriptionType" => Named(f, _schema.SubscriptionType),
            "types" => List(_schema.Types, t => Type(f, t)),
            "directives" => List(_schema.Directives, d => Directive(f, d)),
            _ => null,
        });

    private JsonObject? Named(GraphQLField field, string? name) => name is null ? null : Type(field, _schema.Find(name)!);

    private JsonObject Type(GraphQLField field, ApiType type) => Select(field.SelectionSet, f => f.Name.StringValue switch
    {
        "kind" => type.Kind == ApiTypeKind.InputObject ? "INPUT_OBJECT" : type.Kind.ToString().ToUpperInvariant(),
        "name" => type.Name,
        "description" => type.Description,
        "fields" => type.Kind is ApiTypeKind.Object or ApiTypeKind.Interface ? List(type.Fields, o => Field(f, o)) : null,
        "inputFields" => type.Kind == ApiTypeKind.InputObject ? List(type.InputFields, v => Value(f, v)) : null,
        "enumValues" => type.Kind == ApiTypeKind.Enum ? List(type.EnumValues, v => Select(f.SelectionSet, n => Described(n, v.Name, v.Description))) : null,
        "interfaces" => type.Kind == ApiTypeKind.Object ? List(type.Interfaces, n => Named(f, n)) : null,
        "possibleTypes" => type.Kind is ApiTypeKind.Union or ApiTypeKind.Interface ? List(type.PossibleTypes, n => Named(f, n)) : null,
        _ => null,
    });

    private JsonObject Reference(GraphQLField field, ApiTypeRef type)
    {
        if (!type.IsNonNull && !type.IsList)
        {
            return Type(field, _schema.Find(type.Name)!);
        }

        return Select(field.SelectionSet, f => f.Name.StringValue switch
        {
            "kind" => type.IsNonNull ? "NON_NULL" : "LIST",
            "ofType" => Reference(f, type.IsNonNull ? type.Nullable() : type.Element()!.Value),
            _ => null,
        });
    }

    private JsonObject Field(GraphQLField field, ApiField one) => Select(field.SelectionSet, f => f.Name.StringValue switch
    {
        "args" => List(one.Arguments, a => Value(f, a)),
        "type" => Reference(f, one.Type),
        _ => Described(f, one.Name, one.Description),
    });

    private JsonObject Value(GraphQLField field, ApiInputValue value) => Select(field.SelectionSet, f => f.Name.StringValue switch
    {
        "type" => Reference(f, value.Type),
        "defaultValue" => value.Default,
        _ => Described(f, value.Name, value.Description),
    });

    private JsonObject Directive(GraphQLField field, ApiDirective directive) => Select(field.SelectionSet, f => f.Name.StringValue switch
    {
        "locations" => List(directive.Locations, l => l),
        "args" => List(directive.Arguments, a => Value(f, a)),
        "isRepeatable" => directive.IsRepeatable,
        _ => Described(f, directive.Name, directive.Description),
    });

    private static JsonNode? Described(GraphQLField field, string name, string? description) => field.Name.StringValue switch
    {
        "name" => name,
        "description" => description,
        "isDeprecated" => false,
        _ => null,
    };

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> node) => new([.. items.Select(node)]);
}
