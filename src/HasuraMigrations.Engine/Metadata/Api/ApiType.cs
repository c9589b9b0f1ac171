namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>What a type of GraphQL is.</summary>
internal enum ApiTypeKind
{
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    InputObject,
}

/// <summary>A type of a schema. Schemas of several roles share types that are the same.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description; null for none.</param>
internal sealed record ApiType(ApiTypeKind Kind, string Name, string? Description)
{
    /// <summary>Fields of an object or interface, in the order of a server.</summary>
    internal IReadOnlyList<ApiField> Fields { get; init; } = [];

    /// <summary>Fields of an input object, in the order of a server.</summary>
    internal IReadOnlyList<ApiInputValue> InputFields { get; init; } = [];

    /// <summary>Values of an enum, in the order of a server.</summary>
    internal IReadOnlyList<ApiEnumValue> EnumValues { get; init; } = [];

    /// <summary>Interfaces of an object or interface.</summary>
    internal IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>Members of a union, or objects that have an interface.</summary>
    internal IReadOnlyList<string> PossibleTypes { get; init; } = [];

    /// <summary>True for a type of the introspection itself.</summary>
    internal bool IsIntrospection => Name.StartsWith("__", StringComparison.Ordinal);
}

/// <summary>A field of an object or interface.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Description">Its description; null for none.</param>
internal sealed record ApiField(string Name, ApiTypeRef Type, string? Description = null)
{
    /// <summary>Its arguments, in the order of a server.</summary>
    internal IReadOnlyList<ApiInputValue> Arguments { get; init; } = [];

    /// <summary>Servers define its type without a description here; the first definition that a walk meets counts.</summary>
    internal bool LeavesTypeWithoutText { get; init; }
}

/// <summary>An argument, or a field of an input object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Description">Its description; null for none.</param>
/// <param name="Default">Its default as GraphQL writes it; null for none.</param>
internal sealed record ApiInputValue(string Name, ApiTypeRef Type, string? Description = null, string? Default = null)
{
    /// <summary>It has to be given.</summary>
    internal bool IsRequired => Type.IsNonNull && Default is null;

    /// <summary>It has a default that is not null.</summary>
    internal bool HasDefault => Default is not (null or "null");
}

/// <summary>A value of an enum.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description; null for none.</param>
internal sealed record ApiEnumValue(string Name, string? Description = null);

/// <summary>A directive.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description; null for none.</param>
/// <param name="Locations">Where it may stand.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record ApiDirective(string Name, string? Description, IReadOnlyList<string> Locations, IReadOnlyList<ApiInputValue> Arguments)
{
    /// <summary>It may stand several times at one place.</summary>
    internal bool IsRepeatable { get; init; }
}
