using GraphQLParser.AST;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>
/// Looks for what the operations of a text name and a schema does not have: fields, arguments, fields of input objects, values of enums,
/// types of fragments.
/// </summary>
internal sealed class OperationCheck
{
    private readonly ApiSchema _schema;
    private readonly Dictionary<string, GraphQLFragmentDefinition> _fragments;
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    private OperationCheck(ApiSchema schema, IReadOnlyList<ASTNode> definitions)
    {
        _schema = schema;
        _fragments = definitions.OfType<GraphQLFragmentDefinition>().DistinctBy(f => f.FragmentName.Name.StringValue).ToDictionary(f => f.FragmentName.Name.StringValue, StringComparer.Ordinal);
    }

    /// <summary>What is not there, each as a sentence; none where all is.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="definitions">Operations and fragments.</param>
    internal static IReadOnlyList<string> Problems(ApiSchema schema, IReadOnlyList<ASTNode> definitions)
    {
        var check = new OperationCheck(schema, definitions);
        foreach (var operation in definitions.OfType<GraphQLOperationDefinition>())
        {
            if (check.Root(operation) is { } root)
            {
                check.Read(operation.SelectionSet, root);
            }
            else
            {
                check._problems.Add($"there are no {Noun(operation)}");
            }
        }

        return [.. check._problems.Distinct()];
    }

    /// <summary>True where a schema has every root field of the operations.</summary>
    internal static bool HasRoots(ApiSchema schema, IReadOnlyList<ASTNode> definitions)
    {
        var check = new OperationCheck(schema, definitions);
        return definitions.OfType<GraphQLOperationDefinition>().All(o =>
            check.Root(o) is { } root && o.SelectionSet.Selections.OfType<GraphQLField>().All(f => f.Name.StringValue.StartsWith("__", StringComparison.Ordinal) || schema.Find(root)?.Fields.Any(r => r.Name == f.Name.StringValue) == true));
    }

    private static string Noun(GraphQLOperationDefinition operation) => operation.Operation switch { OperationType.Mutation => "mutations", OperationType.Subscription => "subscriptions", _ => "queries" };

    private string? Root(GraphQLOperationDefinition operation) => operation.Operation switch
    {
        OperationType.Mutation => _schema.MutationType,
        OperationType.Subscription => _schema.SubscriptionType,
        _ => _schema.QueryType,
    };

    private void Read(GraphQLSelectionSet? selections, string typeName)
    {
        foreach (var selection in selections?.Selections ?? [])
        {
            switch (selection)
            {
                // Fields of the introspection are part of every schema (GraphQL specification, introspection).
                case GraphQLField field when !field.Name.StringValue.StartsWith("__", StringComparison.Ordinal):
                    ReadField(field, typeName);
                    break;
                case GraphQLInlineFragment inline:
                    ReadFragment(inline.TypeCondition, inline.SelectionSet, typeName);
                    break;
                case GraphQLFragmentSpread spread when _fragments.GetValueOrDefault(spread.FragmentName.Name.StringValue) is { } fragment:
                    // A fragment that contains itself is an error of its own.
                    if (_open.Add(spread.FragmentName.Name.StringValue))
                    {
                        ReadFragment(fragment.TypeCondition, fragment.SelectionSet, typeName);
                        _open.Remove(spread.FragmentName.Name.StringValue);
                    }

                    break;
                case GraphQLFragmentSpread spread:
                    _problems.Add($"the fragment '{spread.FragmentName.Name.StringValue}' is not defined");
                    break;
            }
        }
    }

    private void ReadFragment(GraphQLTypeCondition? condition, GraphQLSelectionSet selections, string typeName)
    {
        var name = condition?.Type.Name.StringValue ?? typeName;
        if (_schema.Find(name) is null)
        {
            _problems.Add($"there is no type '{name}'");
            return;
        }

        Read(selections, name);
    }

    private void ReadField(GraphQLField field, string typeName)
    {
        var name = field.Name.StringValue;
        if (_schema.Find(typeName)?.Fields.FirstOrDefault(f => f.Name == name) is not { } found)
        {
            _problems.Add($"the type '{typeName}' has no field '{name}'");
            return;
        }

        foreach (var argument in field.Arguments?.Items ?? [])
        {
            if (found.Arguments.FirstOrDefault(a => a.Name == argument.Name.StringValue) is { } known)
            {
                ReadValue(argument.Value, known.Type.Name);
            }
            else
            {
                _problems.Add($"the field '{typeName}.{name}' has no argument '{argument.Name.StringValue}'");
            }
        }

        _problems.AddRange(found.Arguments.Where(a => a.IsRequired && field.Arguments?.Items.Any(g => g.Name.StringValue == a.Name) != true).Select(a => $"the field '{typeName}.{name}' requires the argument '{a.Name}'"));
        Read(field.SelectionSet, found.Type.Name);
    }

    private void ReadValue(GraphQLValue value, string typeName)
    {
        var type = _schema.Find(typeName);
        switch (value)
        {
            case GraphQLListValue list:
                foreach (var item in list.Values ?? [])
                {
                    ReadValue(item, typeName);
                }

                break;
            case GraphQLEnumValue one when type?.Kind == ApiTypeKind.Enum && type.EnumValues.All(v => v.Name != one.Name.StringValue):
                _problems.Add($"the enum '{typeName}' has no value '{one.Name.StringValue}'");
                break;
            case GraphQLObjectValue map when type?.Kind == ApiTypeKind.InputObject:
                foreach (var field in map.Fields ?? [])
                {
                    if (type.InputFields.FirstOrDefault(f => f.Name == field.Name.StringValue) is { } known)
                    {
                        ReadValue(field.Value, known.Type.Name);
                    }
                    else
                    {
                        _problems.Add($"the input object '{typeName}' has no field '{field.Name.StringValue}'");
                    }
                }

                break;
        }
    }
}
