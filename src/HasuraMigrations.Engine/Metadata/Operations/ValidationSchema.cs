using GraphQL;
using GraphQL.Conversion;
using GraphQL.Types;
using GraphQLParser.AST;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>The part of a schema that operations name, as the library that validates wants it.</summary>
internal sealed class ValidationSchema : GraphQL.Types.Schema
{
    private readonly Dictionary<string, IGraphType> _made = new(StringComparer.Ordinal);

    /// <summary>A schema of a slice.</summary>
    internal ValidationSchema(OperationSlice slice)
    {
        // Names are those of Hasura.
        NameConverter = DefaultNameConverter.Instance;
        Features = new ExperimentalFeatures { RepeatableDirectives = true };
        _made["String"] = OperationScalars.Of("String");
        foreach (var type in slice.Types.Where(t => !t.Type.IsIntrospection))
        {
            _made.TryAdd(type.Type.Name, Made(type.Type));
        }

        foreach (var type in slice.Types.Where(t => !t.Type.IsIntrospection))
        {
            Fill(type);
        }

        foreach (var type in _made.Values)
        {
            RegisterType(type);
        }

        Query = Root(slice.Schema.QueryType) ?? throw new HasuraMigrationException("ApiSchemaInvalid", $"The schema has no type {slice.Schema.QueryType} with the fields of queries.");
        Mutation = Root(slice.Schema.MutationType);
        Subscription = Root(slice.Schema.SubscriptionType);
        foreach (var directive in slice.Directives.Where(d => Directives.Find(d.Name) is null))
        {
            Directives.Register(Made(directive));
        }
    }

    // Only members that are named are there, which the library would refuse; the schema is not what is validated.
    protected override void Validate()
    {
    }

    private static IGraphType Made(ApiType type) => type.Kind switch
    {
        ApiTypeKind.Object => new ObjectGraphType { Name = type.Name, IsTypeOf = _ => true },
        ApiTypeKind.Interface => new InterfaceGraphType { Name = type.Name },
        ApiTypeKind.Union => new UnionGraphType { Name = type.Name },
        ApiTypeKind.Enum => new EnumerationGraphType { Name = type.Name },
        ApiTypeKind.InputObject => new InputObjectGraphType { Name = type.Name },
        _ => OperationScalars.Of(type.Name),
    };

    private IObjectGraphType? Root(string? name) => name is null ? null : _made.GetValueOrDefault(name) as IObjectGraphType;

    private void Fill(TypeSlice slice)
    {
        switch (_made[slice.Type.Name])
        {
            case InputObjectGraphType input:
                foreach (var field in slice.InputFields)
                {
                    input.AddField(new FieldType { Name = field.Name, ResolvedType = Reference(field.Type), DefaultValue = DefaultOf(field) });
                }

                break;
            case IComplexGraphType type:
                foreach (var field in slice.Fields)
                {
                    type.AddField(new FieldType { Name = field.Name, ResolvedType = Reference(field.Type), Arguments = [.. field.Arguments.Select(Argument)] });
                }

                foreach (var name in slice.Near)
                {
                    type.AddField(new FieldType { Name = name, ResolvedType = _made["String"] });
                }

                AddInterfaces(slice.Type, type);
                break;
            case UnionGraphType union:
                foreach (var member in slice.Type.PossibleTypes)
                {
                    AddMember(union.AddPossibleType, member);
                }

                break;
            case EnumerationGraphType values:
                foreach (var value in slice.Values)
                {
                    values.Add(new EnumValueDefinition(value, value));
                }

                break;
        }
    }

    private void AddInterfaces(ApiType type, IComplexGraphType made)
    {
        foreach (var name in made is ObjectGraphType ? type.Interfaces : [])
        {
            if (_made.GetValueOrDefault(name) is IInterfaceGraphType face)
            {
                face.AddPossibleType((ObjectGraphType)made);
            }
        }

        foreach (var name in made is InterfaceGraphType ? type.PossibleTypes : [])
        {
            AddMember(((InterfaceGraphType)made).AddPossibleType, name);
        }
    }

    private void AddMember(Action<IObjectGraphType> add, string name)
    {
        if (_made.GetValueOrDefault(name) is IObjectGraphType member)
        {
            add(member);
        }
    }

    private Directive Made(ApiDirective directive) =>
        new(directive.Name, directive.Locations.SelectMany(l => Enum.TryParse<DirectiveLocation>(l.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var known) ? [known] : Array.Empty<DirectiveLocation>()))
        {
            Repeatable = directive.IsRepeatable,
            Arguments = [.. directive.Arguments.Select(Argument)],
        };

    private QueryArgument Argument(ApiInputValue value) => new(Reference(value.Type)) { Name = value.Name, DefaultValue = DefaultOf(value) };

    // It matters only that there is one.
    private static string? DefaultOf(ApiInputValue value) => value.HasDefault ? value.Default : null;

    private IGraphType Reference(ApiTypeRef type) =>
        type.IsNonNull ? new NonNullGraphType(Reference(type.Nullable()))
        : type.Element() is { } element ? new ListGraphType(Reference(element))
        : _made.GetValueOrDefault(type.Name) ?? Unknown(type.Name);

    // A schema of a file may name a type that it does not define.
    private IGraphType Unknown(string name) => _made[name] = OperationScalars.Of(name);
}
