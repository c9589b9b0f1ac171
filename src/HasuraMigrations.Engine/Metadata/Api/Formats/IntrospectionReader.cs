using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Formats;

/// <summary>Kinds of types as an introspection names them.</summary>
internal static class IntrospectionKinds
{
    private static readonly (ApiTypeKind Kind, string Name)[] All =
    [
        (ApiTypeKind.Scalar, "SCALAR"),
        (ApiTypeKind.Object, "OBJECT"),
        (ApiTypeKind.Interface, "INTERFACE"),
        (ApiTypeKind.Union, "UNION"),
        (ApiTypeKind.Enum, "ENUM"),
        (ApiTypeKind.InputObject, "INPUT_OBJECT"),
    ];

    internal static string Of(ApiTypeKind kind) => Array.Find(All, a => a.Kind == kind).Name;

    internal static ApiTypeKind? Read(string? name) => Array.Find(All, a => a.Name == name) is { Name: not null } found ? found.Kind : null;
}

/// <summary>Reads a schema from what a server answered to a request for its introspection.</summary>
internal static class IntrospectionReader
{
    /// <summary>The request that servers answer with all that is read.</summary>
    internal const string Query = """
        query IntrospectionQuery {
          __schema {
            queryType { name }
            mutationType { name }
            subscriptionType { name }
            types { ...FullType }
            directives { name description locations args { ...InputValue } }
          }
        }
        fragment FullType on __Type {
          kind name description
          fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } }
          inputFields { ...InputValue }
          interfaces { ...TypeRef }
          enumValues(includeDeprecated: true) { name description }
          possibleTypes { ...TypeRef }
        }
        fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
        fragment TypeRef on __Type {
          kind name
          ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } }
        }
        """;

    /// <summary>Reads a schema.</summary>
    /// <param name="json">The answer, or what is in its <c>data</c>.</param>
    /// <param name="file">The file it comes from, for messages; null for none.</param>
    /// <exception cref="HasuraMigrationException">ApiSchemaInvalid.</exception>
    internal static ApiSchema Read(JsonNode? json, string? file = null)
    {
        if ((json.Get("data") ?? json).Get("__schema") is not JsonObject schema || schema["types"] is not JsonArray types)
        {
            throw new HasuraMigrationException("ApiSchemaInvalid", "The JSON is no introspection: it has no list of types in __schema.") { File = file };
        }

        return new ApiSchema(types.AsObjects().Select(Type))
        {
            QueryType = schema["queryType"].Get("name").AsText() ?? "query_root",
            MutationType = schema["mutationType"].Get("name").AsText(),
            SubscriptionType = schema["subscriptionType"].Get("name").AsText(),
            Directives = [.. schema["directives"].AsObjects().Select(d => new ApiDirective(NameOf(d), d["description"].AsText(), [.. d["locations"].AsTexts()], Values(d["args"]))
            {
                IsRepeatable = d["isRepeatable"] is JsonValue repeatable && repeatable.GetValueKind() == JsonValueKind.True,
            })],
        };

        ApiType Type(JsonObject node)
        {
            var kind = IntrospectionKinds.Read(node["kind"].AsText()) ?? throw new HasuraMigrationException("ApiSchemaInvalid", $"The type {NameOf(node)} of the introspection has no kind that GraphQL knows.") { File = file };
            return new ApiType(kind, NameOf(node), node["description"].AsText())
            {
                Fields = [.. node["fields"].AsObjects().Select(f => new ApiField(NameOf(f), Reference(f["type"]), f["description"].AsText()) { Arguments = Values(f["args"]) })],
                InputFields = Values(node["inputFields"]),
                EnumValues = [.. node["enumValues"].AsObjects().Select(v => new ApiEnumValue(NameOf(v), v["description"].AsText()))],
                Interfaces = [.. node["interfaces"].AsObjects().Select(NameOf)],
                PossibleTypes = [.. node["possibleTypes"].AsObjects().Select(NameOf)],
            };
        }

        ApiInputValue[] Values(JsonNode? list) =>
            [.. list.AsObjects().Select(v => new ApiInputValue(NameOf(v), Reference(v["type"]), v["description"].AsText(), v["defaultValue"].AsText()))];

        ApiTypeRef Reference(JsonNode? node)
        {
            if (node.Get("kind").AsText() is not ("NON_NULL" or "LIST") || node.Get("ofType") is not { } inner)
            {
                return new ApiTypeRef(node.Get("name").AsText() ?? throw new HasuraMigrationException("ApiSchemaInvalid", "A type of the introspection has no name; requests have to ask for more levels of ofType.") { File = file });
            }

            var type = Reference(inner);
            return type.IsFull ? throw new HasuraMigrationException("ApiSchemaInvalid", "The introspection has a type that is nested too deep.") { File = file }
                : node.Get("kind").AsText() == "LIST" ? type.List() : type.NonNull();
        }
    }

    private static string NameOf(JsonObject node) => node["name"].AsText() ?? "";
}
