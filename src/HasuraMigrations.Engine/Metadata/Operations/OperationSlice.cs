using GraphQLParser.AST;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>
/// The part of a schema that operations name. A schema can have hundreds of thousands of types; operations are validated against those
/// that they touch.
/// </summary>
internal sealed class OperationSlice
{
    private readonly Dictionary<string, TypeSlice> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<GraphQLDocument, IReadOnlyList<VariableUse>> _variables = [];
    private readonly List<VariableUse> _uses = [];
    private readonly Dictionary<string, IReadOnlyList<ApiInputValue>> _directives;

    /// <summary>The part that operations name.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="operations">The operations, with their fragments.</param>
    internal OperationSlice(ApiSchema schema, IEnumerable<GraphQLDocument> operations)
    {
        Schema = schema;
        foreach (var root in new[] { schema.QueryType, schema.MutationType, schema.SubscriptionType })
        {
            Touch(root);
        }

        // SDL need not have them.
        Directives = schema.Directives.Count > 0 ? schema.Directives : MetaTypes.Newest;
        _directives = Directives.DistinctBy(d => d.Name).ToDictionary(d => d.Name, d => d.Arguments, StringComparer.Ordinal);
        foreach (var argument in Directives.SelectMany(d => d.Arguments))
        {
            Touch(argument.Type.Name);
        }

        foreach (var operation in operations)
        {
            _variables[operation] = _uses = [];
            operation.Definitions.ForEach(Read);
        }

        // The members of unions, and of interfaces that objects have.
        for (var open = new Queue<TypeSlice>(_types.Values); open.TryDequeue(out var slice);)
        {
            foreach (var other in slice.Type.PossibleTypes.Concat(slice.Type.Interfaces).Where(n => !_types.ContainsKey(n)))
            {
                if (Touch(other) is { } added)
                {
                    open.Enqueue(added);
                }
            }
        }
    }

    /// <summary>The schema.</summary>
    internal ApiSchema Schema { get; }

    /// <summary>Directives.</summary>
    internal IReadOnlyList<ApiDirective> Directives { get; }

    /// <summary>The types that are named.</summary>
    internal IReadOnlyCollection<TypeSlice> Types => _types.Values;

    /// <summary>Where the variables of an operation stand.</summary>
    internal IReadOnlyList<VariableUse> VariablesOf(GraphQLDocument operation) => _variables[operation];

    /// <summary>The type with the root fields of an operation; null where there is none.</summary>
    internal static string? RootOf(ApiSchema schema, OperationType operation) => operation switch
    {
        OperationType.Mutation => schema.MutationType,
        OperationType.Subscription => schema.SubscriptionType,
        _ => schema.QueryType,
    };

    /// <summary>True where a type has a field that an operation names.</summary>
    internal bool Has(string type, string field) => _types.TryGetValue(type, out var slice) && slice.Has(field);

    private void Read(ASTNode definition)
    {
        switch (definition)
        {
            case GraphQLOperationDefinition operation:
                foreach (var variable in operation.Variables?.Items ?? [])
                {
                    var type = Reference(variable.Type);
                    Touch(type.Name);
                    if (variable.DefaultValue is { } value)
                    {
                        ReadValue(value, type);
                    }
                }

                ReadDirectives(operation);
                Select(operation.SelectionSet, Touch(RootOf(Schema, operation.Operation)));
                break;
            case GraphQLFragmentDefinition fragment:
                Select(fragment.SelectionSet, Touch(fragment.TypeCondition.Type.Name.StringValue));
                break;
        }
    }

    private void Select(GraphQLSelectionSet? selections, TypeSlice? type)
    {
        foreach (var selection in selections?.Selections ?? [])
        {
            ReadDirectives(selection);
            if (selection is GraphQLInlineFragment inline)
            {
                Select(inline.SelectionSet, inline.TypeCondition is { } condition ? Touch(condition.Type.Name.StringValue) : type);
            }
            else if (selection is GraphQLField field)
            {
                ReadField(field, type);
            }
        }
    }

    private void ReadField(GraphQLField field, TypeSlice? type)
    {
        if (type?.Field(field.Name.StringValue) is not { } found)
        {
            type?.Miss(field.Name.StringValue);
            return;
        }

        foreach (var argument in found.Arguments)
        {
            Touch(argument.Type.Name);
        }

        ReadArguments(field.Arguments, found.Arguments);
        Select(field.SelectionSet, Touch(found.Type.Name));
    }

    private void ReadDirectives(ASTNode node)
    {
        foreach (var directive in (node as IHasDirectivesNode)?.Directives?.Items ?? [])
        {
            ReadArguments(directive.Arguments, _directives.GetValueOrDefault(directive.Name.StringValue, []));
        }
    }

    private void ReadArguments(GraphQLArguments? given, IReadOnlyList<ApiInputValue> known)
    {
        foreach (var argument in given?.Items ?? [])
        {
            if (known.FirstOrDefault(a => a.Name == argument.Name.StringValue) is { } found)
            {
                ReadValue(argument.Value, found.Type, found.HasDefault);
            }
        }
    }

    private void ReadValue(GraphQLValue value, ApiTypeRef type, bool hasDefault = false)
    {
        switch (value)
        {
            case GraphQLVariable variable:
                _uses.Add(new VariableUse(variable, type, hasDefault));
                break;
            // In a scalar such as jsonb, a list is part of the value.
            case GraphQLListValue list when type.Element() is { } element:
                list.Values?.ForEach(v => ReadValue(v, element));

                break;
            // A value that is no list stands for a list of one.
            case GraphQLObjectValue map when Touch(type.Name) is { Type.Kind: ApiTypeKind.InputObject } input:
                foreach (var field in map.Fields ?? [])
                {
                    if (input.InputField(field.Name.StringValue) is { } known)
                    {
                        Touch(known.Type.Name);
                        ReadValue(field.Value, known.Type, known.HasDefault);
                    }
                }

                break;
            case GraphQLEnumValue one when Touch(type.Name) is { Type.Kind: ApiTypeKind.Enum } values:
                values.EnumValue(one.Name.StringValue);
                break;
        }
    }

    private TypeSlice? Touch(string? name)
    {
        if (name is null)
        {
            return null;
        }

        if (!_types.TryGetValue(name, out var slice) && Schema.Find(name) is { } type)
        {
            _types[name] = slice = new TypeSlice(type);
            foreach (var field in type.InputFields.Where(f => f.IsRequired))
            {
                Touch(field.Type.Name);
            }
        }

        return slice;
    }

    /// <summary>A type as a definition of a variable writes it.</summary>
    internal static ApiTypeRef Reference(GraphQLType type) => type switch
    {
        GraphQLNonNullType required => Reference(required.Type).NonNull(),
        GraphQLListType list => Reference(list.Type) is { IsFull: false } inner ? inner.List() : default,
        _ => new ApiTypeRef(((GraphQLNamedType)type).Name.StringValue),
    };
}

/// <summary>A place where a variable stands.</summary>
/// <param name="Variable">The variable.</param>
/// <param name="Type">The type that is expected there.</param>
/// <param name="HasDefault">The place has a default, which is not null.</param>
internal sealed record VariableUse(GraphQLVariable Variable, ApiTypeRef Type, bool HasDefault);
