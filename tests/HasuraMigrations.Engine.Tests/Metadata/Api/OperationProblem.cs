using GraphQLParser;
using GraphQLParser.AST;
using HasuraMigrations.Engine.Metadata.Api;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>Whether the fields and arguments that an operation asks for are in a schema.</summary>
internal static class OperationProblem
{
    /// <summary>What is not there; null where all is.</summary>
    public static string? Find(ApiSchema schema, string query)
    {
        var document = Parser.Parse(query, new ParserOptions { Ignore = IgnoreOptions.All });
        var fragments = document.Definitions.OfType<GraphQLFragmentDefinition>().ToDictionary(f => f.FragmentName.Name.StringValue);
        foreach (var operation in document.Definitions.OfType<GraphQLOperationDefinition>())
        {
            var root = operation.Operation switch { OperationType.Mutation => schema.MutationType, OperationType.Subscription => schema.SubscriptionType, _ => schema.QueryType };
            if (root is null)
            {
                return $"no {operation.Operation}";
            }

            if (Selections(schema, fragments, operation.SelectionSet, root) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? Selections(ApiSchema schema, Dictionary<string, GraphQLFragmentDefinition> fragments, GraphQLSelectionSet? selections, string typeName)
    {
        var type = schema.Find(typeName);
        foreach (var selection in selections?.Selections ?? [])
        {
            var problem = selection switch
            {
                GraphQLField { Name.StringValue: "__typename" } => null,
                GraphQLField field => type?.Fields.FirstOrDefault(f => f.Name == field.Name.StringValue) is not { } found ? $"{typeName}.{field.Name.StringValue}"
                    : Arguments(schema, field.Arguments?.Items ?? [], found) ?? Selections(schema, fragments, field.SelectionSet, found.Type.Name),
                GraphQLInlineFragment inline => Selections(schema, fragments, inline.SelectionSet, inline.TypeCondition?.Type.Name.StringValue ?? typeName),
                GraphQLFragmentSpread spread => fragments[spread.FragmentName.Name.StringValue] is var fragment && schema.Find(fragment.TypeCondition.Type.Name.StringValue) is null ? fragment.TypeCondition.Type.Name.StringValue
                    : Selections(schema, fragments, fragment.SelectionSet, fragment.TypeCondition.Type.Name.StringValue),
                _ => null,
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? Arguments(ApiSchema schema, List<GraphQLArgument> given, ApiField field)
    {
        foreach (var argument in given)
        {
            if (field.Arguments.FirstOrDefault(a => a.Name == argument.Name.StringValue) is not { } found)
            {
                return $"{field.Name}({argument.Name.StringValue})";
            }

            if (Value(schema, argument.Value, found.Type.Name) is { } problem)
            {
                return problem;
            }
        }

        return field.Arguments.FirstOrDefault(a => a.IsRequired && given.TrueForAll(g => g.Name.StringValue != a.Name)) is { } missing ? $"{field.Name}({missing.Name})" : null;
    }

    private static string? Value(ApiSchema schema, GraphQLValue value, string typeName)
    {
        var type = schema.Find(typeName);
        switch (value)
        {
            case GraphQLListValue list:
                return (list.Values ?? []).Select(v => Value(schema, v, typeName)).FirstOrDefault(p => p is not null);
            case GraphQLEnumValue one when type?.Kind == ApiTypeKind.Enum:
                return type.EnumValues.Any(v => v.Name == one.Name.StringValue) ? null : $"{typeName}.{one.Name.StringValue}";
            case GraphQLStringValue when type?.Kind == ApiTypeKind.Enum:
                return typeName;
            case GraphQLObjectValue map when type?.Kind == ApiTypeKind.InputObject:
                foreach (var field in map.Fields ?? [])
                {
                    var problem = type.InputFields.FirstOrDefault(f => f.Name == field.Name.StringValue) is not { } found ? $"{typeName}.{field.Name.StringValue}" : Value(schema, field.Value, found.Type.Name);
                    if (problem is not null)
                    {
                        return problem;
                    }
                }

                return null;
            default:
                return null;
        }
    }
}
