using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Formats;

/// <summary>Reads a schema from SDL, as tools write it after asking a server for its introspection.</summary>
internal sealed class SdlSchemaReader
{
    private readonly string _text;
    private readonly Dictionary<string, ApiType> _types = new(StringComparer.Ordinal);
    private readonly List<ApiDirective> _directives = [];
    private readonly Dictionary<OperationType, string> _roots = [];

    private SdlSchemaReader(string text) => _text = text;

    /// <summary>Reads a schema; members keep their order.</summary>
    /// <param name="text">SDL.</param>
    /// <param name="file">The file it comes from, for messages; null for none.</param>
    /// <param name="what">Words for the SDL where it comes from no file.</param>
    /// <exception cref="HasuraMigrationException">ApiSchemaInvalid.</exception>
    internal static ApiSchema Read(string text, string? file = null, string what = "The SDL")
    {
        var subject = file is null ? what : $"The SDL in '{file}'";
        try
        {
            var document = Parser.Parse(text, new ParserOptions { Ignore = IgnoreOptions.Comments });
            return new SdlSchemaReader(text).Read(document);
        }
        catch (GraphQLSyntaxErrorException e)
        {
            throw new HasuraMigrationException("ApiSchemaInvalid", $"{subject} cannot be parsed at line {e.Location.Line}, column {e.Location.Column}: {e.Description.TrimEnd('.')}.") { File = file, Line = e.Location.Line, Column = e.Location.Column };
        }
        catch (GraphQLMaxDepthExceededException e)
        {
            throw new HasuraMigrationException("ApiSchemaInvalid", $"{subject} cannot be parsed: {e.Message}") { File = file };
        }
    }

    private ApiSchema Read(GraphQLDocument document)
    {
        foreach (var definition in document.Definitions)
        {
            switch (definition)
            {
                case GraphQLSchemaDefinition schema:
                    foreach (var operation in schema.OperationTypes)
                    {
                        _roots[operation.Operation] = operation.Type!.Name.StringValue;
                    }

                    break;
                case GraphQLDirectiveDefinition directive:
                    _directives.Add(new ApiDirective(directive.Name.StringValue, Text(directive.Description), [.. directive.Locations.Items.Select(LocationName)], Values(directive.Arguments?.Items)) { IsRepeatable = directive.Repeatable });
                    break;
                case GraphQLObjectTypeExtension extension:
                    Add(new ApiType(ApiTypeKind.Object, extension.Name.StringValue, null) { Fields = Fields(extension.Fields), Interfaces = Names(extension.Interfaces?.Items) });
                    break;
                case GraphQLTypeDefinition type when Type(type) is { } read:
                    Add(read);
                    break;
            }
        }

        return new ApiSchema(Complete())
        {
            QueryType = RootOf(OperationType.Query, "query_root", "Query") ?? "query_root",
            MutationType = RootOf(OperationType.Mutation, "mutation_root", "Mutation"),
            SubscriptionType = RootOf(OperationType.Subscription, "subscription_root", "Subscription"),
            Directives = _directives,
        };
    }

    // In SDL objects name their interfaces; an interface leads to its objects all the same, as it does in introspections.
    private IEnumerable<ApiType> Complete()
    {
        var objects = _types.Values.Where(t => t.Kind == ApiTypeKind.Object).SelectMany(t => t.Interfaces.Select(i => (Interface: i, t.Name))).ToLookup(o => o.Interface, o => o.Name);
        return _types.Values.Select(t => t.Kind == ApiTypeKind.Interface ? t with { PossibleTypes = [.. objects[t.Name].Order(StringComparer.Ordinal)] } : t);
    }

    // Files may leave the schema out where the roots have their usual names.
    private string? RootOf(OperationType operation, params string[] names) =>
        _roots.GetValueOrDefault(operation) ?? (_roots.Count > 0 ? null : Array.Find(names, _types.ContainsKey));

    // A type can come in parts.
    private void Add(ApiType type) => _types[type.Name] = !_types.TryGetValue(type.Name, out var known) ? type : known with
    {
        Description = known.Description ?? type.Description,
        Fields = [.. known.Fields, .. type.Fields],
        InputFields = [.. known.InputFields, .. type.InputFields],
        EnumValues = [.. known.EnumValues, .. type.EnumValues],
        Interfaces = [.. known.Interfaces, .. type.Interfaces],
        PossibleTypes = [.. known.PossibleTypes, .. type.PossibleTypes],
    };

    private ApiType? Type(GraphQLTypeDefinition definition)
    {
        var name = definition.Name.StringValue;
        return definition switch
        {
            GraphQLObjectTypeDefinition type => new ApiType(ApiTypeKind.Object, name, Text(type.Description)) { Fields = Fields(type.Fields), Interfaces = Names(type.Interfaces?.Items) },
            GraphQLInterfaceTypeDefinition type => new ApiType(ApiTypeKind.Interface, name, Text(type.Description)) { Fields = Fields(type.Fields), Interfaces = Names(type.Interfaces?.Items) },
            GraphQLUnionTypeDefinition type => new ApiType(ApiTypeKind.Union, name, Text(type.Description)) { PossibleTypes = Names(type.Types?.Items) },
            GraphQLEnumTypeDefinition type => new ApiType(ApiTypeKind.Enum, name, Text(type.Description)) { EnumValues = [.. (type.Values?.Items ?? []).Select(v => new ApiEnumValue(v.Name.StringValue, Text(v.Description)))] },
            GraphQLInputObjectTypeDefinition type => new ApiType(ApiTypeKind.InputObject, name, Text(type.Description)) { InputFields = Values(type.Fields?.Items) },
            GraphQLScalarTypeDefinition type => new ApiType(ApiTypeKind.Scalar, name, Text(type.Description)),
            _ => null,
        };
    }

    private ApiField[] Fields(GraphQLFieldsDefinition? fields) =>
        [.. (fields?.Items ?? []).Select(f => new ApiField(f.Name.StringValue, Reference(f.Type), Text(f.Description)) { Arguments = Values(f.Arguments?.Items) })];

    private ApiInputValue[] Values(List<GraphQLInputValueDefinition>? values) =>
        // What a permission presets is given by the server.
        [.. (values ?? []).Where(v => v.Directives?.Items.Exists(d => d.Name.Value == "preset") != true).Select(v => new ApiInputValue(v.Name.StringValue, Reference(v.Type), Text(v.Description), v.DefaultValue is { } value ? _text[value.Location.Start..value.Location.End] : null))];

    private static string[] Names(List<GraphQLNamedType>? types) => [.. (types ?? []).Select(t => t.Name.StringValue)];

    private static string? Text(GraphQLDescription? description) => description?.Value.ToString();

    private static ApiTypeRef Reference(GraphQLType type)
    {
        ApiTypeRef Checked(GraphQLType inner) => Reference(inner) is { IsFull: false } reference ? reference : throw new HasuraMigrationException("ApiSchemaInvalid", "The SDL has a type that is nested too deep.");
        return type switch
        {
            GraphQLNonNullType required => Checked(required.Type).NonNull(),
            GraphQLListType list => Checked(list.Type).List(),
            _ => new ApiTypeRef(((GraphQLNamedType)type).Name.StringValue),
        };
    }

    // As the specification writes them.
    private static string LocationName(DirectiveLocation location) =>
        string.Concat(location.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : char.ToUpperInvariant(c).ToString()));
}
