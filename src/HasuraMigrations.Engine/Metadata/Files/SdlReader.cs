using System.Text.Json.Nodes;
using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>
/// Reads <c>actions.graphql</c> as Hasura's CLI does, except that what the CLI drops or fails on without a word is told.
/// </summary>
internal sealed class SdlReader(SdlText sdl, MetadataPositions positions, List<Finding> findings)
{
    private readonly SdlDocument _document = new();

    /// <summary>Reads all there is; errors are findings of severity Error.</summary>
    internal SdlDocument Read()
    {
        if (string.IsNullOrWhiteSpace(sdl.Text))
        {
            return _document;
        }

        try
        {
            if (sdl.FirstComment() is { } comment)
            {
                Add("SdlCommentIgnored", FindingSeverity.Information, comment, "Comments in actions.graphql are lost when the file is rewritten; descriptions in triple quotes are kept.");
            }

            foreach (var definition in Parser.Parse(sdl.Text, new ParserOptions { Ignore = IgnoreOptions.Comments }).Definitions)
            {
                ReadDefinition(definition);
            }
        }
        catch (GraphQLSyntaxErrorException e)
        {
            Add("SdlInvalid", FindingSeverity.Error, new SourcePosition(sdl.File, e.Location.Line, e.Location.Column), $"The SDL cannot be parsed: {e.Description.TrimEnd('.')}.");
        }
        catch (GraphQLMaxDepthExceededException e)
        {
            Add("SdlInvalid", FindingSeverity.Error, new SourcePosition(sdl.File, 1, 1), $"The SDL cannot be parsed: {e.Message}");
        }

        WarnOfDuplicates("action", _document.Actions);
        WarnOfDuplicates("type", SdlDocument.TypeKinds.SelectMany(k => _document.Types[k]));
        return _document;
    }

    private void ReadDefinition(ASTNode definition)
    {
        switch (definition)
        {
            case GraphQLObjectTypeDefinition root when RootType(root.Name) is { } type:
                WarnOfIgnored(root, $"the type {root.Name.StringValue}", root.Directives, root.Interfaces, root.Description);
                AddActions(type, root.Fields);
                break;
            case GraphQLObjectTypeExtension extension when RootType(extension.Name) is { } type:
                WarnOfIgnored(extension, $"the type {extension.Name.StringValue}", extension.Directives, extension.Interfaces);
                AddActions(type, extension.Fields);
                break;
            case GraphQLObjectTypeDefinition type:
                WarnOfIgnored(type, $"the type {type.Name.StringValue}", type.Directives, type.Interfaces);
                AddType("objects", type, "fields", [.. (type.Fields?.Items ?? []).Select(ObjectField)], type.Description);
                break;
            case GraphQLInputObjectTypeDefinition input:
                WarnOfIgnored(input, $"the type {input.Name.StringValue}", input.Directives);
                AddType("input_objects", input, "fields", [.. (input.Fields?.Items ?? []).Select(Argument)], input.Description);
                break;
            case GraphQLEnumTypeDefinition enumeration:
                WarnOfIgnored(enumeration, $"the type {enumeration.Name.StringValue}", enumeration.Directives);
                AddType("enums", enumeration, "values", [.. (enumeration.Values?.Items ?? []).Select(EnumValue)], enumeration.Description);
                break;
            case GraphQLScalarTypeDefinition scalar:
                WarnOfIgnored(scalar, $"the type {scalar.Name.StringValue}", scalar.Directives);
                AddType("scalars", scalar, null, [], scalar.Description);
                break;
            default:
                Refuse(definition);
                break;
        }
    }

    private void AddActions(string type, GraphQLFieldsDefinition? fields)
    {
        foreach (var field in fields?.Items ?? [])
        {
            WarnOfIgnored(field, $"the action {field.Name.StringValue}", field.Directives, description: field.Description);
            var action = Member(field, field.Name);
            action["type"] = type;
            action["output_type"] = TypeText(field.Type);
            if (field.Arguments is { Count: > 0 } arguments)
            {
                action["arguments"] = new JsonArray([.. arguments.Items.Select(Argument)]);
            }

            _document.Actions.Add(action);
        }
    }

    private void AddType(string kind, GraphQLTypeDefinition definition, string? membersKey, JsonNode[] members, GraphQLDescription? description)
    {
        var type = Member(definition, definition.Name);
        if (membersKey is not null)
        {
            type[membersKey] = new JsonArray(members);
        }

        Describe(type, description);
        _document.Types[kind].Add(type);
    }

    private JsonObject ObjectField(GraphQLFieldDefinition field)
    {
        WarnOfIgnored(field, $"the field {field.Name.StringValue}", field.Directives);
        if (field.Arguments is { Count: > 0 } arguments)
        {
            Ignored(arguments.Items[0], $"The arguments of the field {field.Name.StringValue}");
        }

        var member = Member(field, field.Name);
        member["type"] = TypeText(field.Type);
        Describe(member, field.Description);
        return member;
    }

    private JsonObject Argument(GraphQLInputValueDefinition value)
    {
        WarnOfIgnored(value, value.Name.StringValue, value.Directives);
        if (value.DefaultValue is { } standard)
        {
            Ignored(standard, $"The default value of {value.Name.StringValue}");
        }

        var member = Member(value, value.Name);
        member["type"] = TypeText(value.Type);
        Describe(member, value.Description);
        return member;
    }

    private JsonObject EnumValue(GraphQLEnumValueDefinition value)
    {
        WarnOfIgnored(value, $"the value {value.Name.StringValue}", value.Directives);
        var member = new JsonObject { ["description"] = SdlDescription.Read(value.Description, sdl.Text), ["is_deprecated"] = null, ["value"] = value.Name.StringValue };
        positions.Set(member, sdl.At(value));
        return member;
    }

    private JsonObject Member(ASTNode node, GraphQLName name)
    {
        var member = new JsonObject { ["name"] = name.StringValue };
        positions.Set(member, sdl.At(node));
        return member;
    }

    private void Describe(JsonObject member, GraphQLDescription? description)
    {
        if (SdlDescription.Read(description, sdl.Text) is { } text)
        {
            member["description"] = text;
        }
    }

    private void WarnOfIgnored(ASTNode node, string what, GraphQLDirectives? directives, GraphQLImplementsInterfaces? interfaces = null, GraphQLDescription? description = null)
    {
        if (directives is { Count: > 0 })
        {
            Ignored(directives.Items[0], $"The directive @{directives.Items[0].Name.StringValue} of {what}");
        }

        if (interfaces is { Count: > 0 })
        {
            Ignored(interfaces.Items[0], $"'implements' of {what}");
        }

        if (SdlDescription.Read(description, sdl.Text) is not null)
        {
            Ignored(node, $"The description of {what}");
        }
    }

    private void WarnOfDuplicates(string what, IEnumerable<JsonObject> members)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in members.Where(m => !names.Add(m["name"]!.GetValue<string>())))
        {
            Add("SdlNameDuplicate", FindingSeverity.Warning, positions.Of(member)!.Value, $"There is more than one {what} with the name {member["name"]}; a server refuses that.");
        }
    }

    private void Refuse(ASTNode definition)
    {
        var name = definition is INamedNode { Name: { } given } ? $" {given.StringValue}" : "";
        Add("SdlNotSupported", FindingSeverity.Error, sdl.At(definition), $"{Describe(definition.Kind)}{name} is not supported by Hasura here: only types, inputs, enums, scalars and the types Query and Mutation are.");
    }

    private void Ignored(ASTNode node, string what) =>
        Add("SdlPartIgnored", FindingSeverity.Warning, sdl.At(node), $"{what} is not stored by Hasura and is ignored.");

    private void Add(string id, FindingSeverity severity, SourcePosition position, string message) =>
        findings.Add(new Finding { Id = id, Severity = severity, Message = message, File = position.File, Line = position.Line, Column = position.Column });

    private static string? RootType(GraphQLName name) => name.StringValue switch
    {
        "Query" => "query",
        "Mutation" => "mutation",
        _ => null,
    };

    private static string TypeText(GraphQLType type) => type switch
    {
        GraphQLNonNullType nonNull => $"{TypeText(nonNull.Type)}!",
        GraphQLListType list => $"[{TypeText(list.Type)}]",
        _ => ((GraphQLNamedType)type).Name.StringValue,
    };

    private static string Describe(ASTNodeKind kind) => kind switch
    {
        ASTNodeKind.InterfaceTypeDefinition => "The interface",
        ASTNodeKind.UnionTypeDefinition => "The union",
        ASTNodeKind.DirectiveDefinition => "The directive",
        ASTNodeKind.SchemaDefinition or ASTNodeKind.SchemaExtension => "A schema definition",
        ASTNodeKind.OperationDefinition => "The operation",
        ASTNodeKind.FragmentDefinition => "A fragment",
        _ => "An extension of",
    };
}
