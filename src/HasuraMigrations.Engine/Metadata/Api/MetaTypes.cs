using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Directives, and the types of the introspection; they are not those of the specification (Hasura 2.48).</summary>
internal static class MetaTypes
{
    private static readonly string[] Selections = ["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"];
    private static readonly ApiInputValue[] If = [new("if", new ApiTypeRef("Boolean").NonNull())];
    private static readonly ApiInputValue[] Deprecated = [new("includeDeprecated", new ApiTypeRef("Boolean"), null, "false")];

    private static readonly ApiDirective[] Version1 =
    [
        new("include", "whether this query should be included", Selections, If),
        new("skip", "whether this query should be skipped", Selections, If),
    ];

    private static readonly ApiDirective[] Version2 =
    [
        .. Version1,
        new("cached", "whether this query should be cached (Hasura Cloud only)", ["QUERY"],
        [
            new ApiInputValue("ttl", new ApiTypeRef("Int").NonNull(), "measured in seconds", "60"),
            new ApiInputValue("refresh", new ApiTypeRef("Boolean").NonNull(), "refresh the cache entry", "false"),
        ]),
    ];

    /// <summary>The types of the introspection, and the scalars that these use.</summary>
    internal static readonly ApiType[] Types =
    [
        Scalar("Boolean"),
        Scalar("Int"),
        Scalar("String"),
        Object("__Directive", ("args", "__InputValue"), ("description", "String!"), ("isRepeatable", "Boolean!"), ("locations", "String!"), ("name", "String!")),
        Object("__EnumValue", ("deprecationReason", "String!"), ("description", "String!"), ("isDeprecated", "String!"), ("name", "String!")),
        Object("__Field", ("args", "__InputValue"), ("deprecationReason", "String!"), ("description", "String!"), ("isDeprecated", "String!"), ("name", "String!"), ("type", "__Type")),
        Object("__InputValue", ("defaultValue", "String!"), ("description", "String!"), ("name", "String!"), ("type", "__Type")),
        Object("__Schema", ("description", "String!"), ("directives", "__Directive"), ("mutationType", "__Type"), ("queryType", "__Type"), ("subscriptionType", "__Type"), ("types", "__Type")),
        Object("__Type", ("description", "String!"), ("enumValues", "__EnumValue"), ("fields", "__Field"), ("inputFields", "__InputValue"), ("interfaces", "__Type"), ("kind", "__TypeKind!"), ("name", "String!"), ("ofType", "__Type"), ("possibleTypes", "__Type")),
        new(ApiTypeKind.Enum, "__TypeKind", null) { EnumValues = [.. new[] { "ENUM", "INPUT_OBJECT", "INTERFACE", "LIST", "NON_NULL", "OBJECT", "SCALAR", "UNION" }.Select(k => new ApiEnumValue(k))] },
    ];

    /// <summary>The directives, in the order of a server.</summary>
    internal static IReadOnlyList<ApiDirective> Directives(ApiFeatures features) => features.IsVersion1 ? Version1 : Version2;

    /// <summary>The directives of the newest servers.</summary>
    internal static IReadOnlyList<ApiDirective> Newest => Version2;

    private static ApiType Scalar(string name) => new(ApiTypeKind.Scalar, name, null);

    private static ApiType Object(string name, params (string Name, string Type)[] fields) => new(ApiTypeKind.Object, name, null)
    {
        Fields = [.. fields.Select(f => new ApiField(f.Name, ApiTypeRef.Parse(f.Type)!.Value) { Arguments = f.Name is "fields" or "enumValues" ? Deprecated : [] })],
    };
}
