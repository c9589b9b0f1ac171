
namespace HasuraMigrations.Engine.Metadata.Api.Types;

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
    // A type has members of one kind, and the schemas of many roles have a million types.
    private readonly object? _members;
    private readonly string[]? _interfaces;
    private readonly string[]? _possibleTypes;

    /// <summary>Fields of an object or interface, in the order of a server.</summary>
    internal ApiField[] Fields
    {
        get => _members as ApiField[] ?? [];
        init => _members = Members(value);
    }

    /// <summary>Fields of an input object, in the order of a server.</summary>
    internal ApiInputValue[] InputFields
    {
        get => _members as ApiInputValue[] ?? [];
        init => _members = Members(value);
    }

    /// <summary>Values of an enum, in the order of a server.</summary>
    internal ApiEnumValue[] EnumValues
    {
        get => _members as ApiEnumValue[] ?? [];
        init => _members = Members(value);
    }

    /// <summary>Interfaces of an object or interface.</summary>
    internal string[] Interfaces
    {
        get => _interfaces ?? [];
        init => _interfaces = value.Length > 0 ? value : null;
    }

    /// <summary>Members of a union, or objects that have an interface.</summary>
    internal string[] PossibleTypes
    {
        get => _possibleTypes ?? [];
        init => _possibleTypes = value.Length > 0 ? value : null;
    }

    /// <summary>A type with members of one kind.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">Its description; null for none.</param>
    /// <param name="members">Fields of an object, fields of an input object, or values of an enum.</param>
    internal static ApiType Of<T>(string name, string? description, T[] members)
        where T : class => members switch
        {
            ApiField[] fields => new ApiType(ApiTypeKind.Object, name, description) { Fields = fields },
            ApiInputValue[] fields => new ApiType(ApiTypeKind.InputObject, name, description) { InputFields = fields },
            ApiEnumValue[] values => new ApiType(ApiTypeKind.Enum, name, description) { EnumValues = values },
            _ => throw new ArgumentException($"{typeof(T)} is no member of a type.", nameof(members)),
        };

    /// <summary>True where its members are the very objects that a list of things gives.</summary>
    internal bool IsOf<TItem, TMember>(TItem[] items, Func<TItem, TMember> member)
        where TMember : class
    {
        var members = _members as TMember[] ?? [];
        if (members.Length != items.Length)
        {
            return false;
        }

        for (var i = 0; i < members.Length; i++)
        {
            if (!ReferenceEquals(members[i], member(items[i])))
            {
                return false;
            }
        }

        return true;
    }

    // None of one kind leaves those of another.
    private object? Members<T>(T[] value)
    {
        var isOfKind = _members is T[];
        return value.Length > 0 ? value : isOfKind ? null : _members;
    }

    /// <summary>True for a type of the introspection itself.</summary>
    internal bool IsIntrospection => Name.StartsWith("__", StringComparison.Ordinal);
}

/// <summary>A field of an object or interface.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Description">Its description; null for none.</param>
internal sealed record ApiField(string Name, ApiTypeRef Type, string? Description = null)
{
    private TypeHint _hint;

    /// <summary>Its arguments, in the order of a server.</summary>
    internal ApiInputValue[] Arguments { get; init; } = [];

    /// <summary>Servers define its type without a description here; the first definition that a walk meets counts.</summary>
    internal bool LeavesTypeWithoutText { get; init; }

    /// <summary>The number of its type.</summary>
    internal int TypeNumber(TypeIndex index) => index.Of(Type.Name, ref _hint);
}

/// <summary>An argument, or a field of an input object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Description">Its description; null for none.</param>
/// <param name="Default">Its default as GraphQL writes it; null for none.</param>
internal sealed record ApiInputValue(string Name, ApiTypeRef Type, string? Description = null, string? Default = null)
{
    private TypeHint _hint;

    /// <summary>It has to be given.</summary>
    internal bool IsRequired => Type.IsNonNull && Default is null;

    /// <summary>It has a default that is not null.</summary>
    internal bool HasDefault => Default is not (null or "null");

    /// <summary>The number of its type.</summary>
    internal int TypeNumber(TypeIndex index) => index.Of(Type.Name, ref _hint);
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
