

namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>The GraphQL schema that a server shows to a role.</summary>
internal sealed class ApiSchema
{
    private readonly ApiType[] _types;

    /// <summary>A schema of types.</summary>
    /// <param name="types">The types; they are sorted as a server sorts them.</param>
    internal ApiSchema(IEnumerable<ApiType> types)
        : this([.. types.OrderBy(t => t.Name, StringComparer.Ordinal)])
    {
    }

    /// <summary>A schema of types that are in the order of a server.</summary>
    internal ApiSchema(ApiType[] sorted) => _types = sorted;

    /// <summary>Name of the type with the fields of queries.</summary>
    internal string QueryType { get; init; } = "query_root";

    /// <summary>Name of the type with the fields of mutations; null for none.</summary>
    internal string? MutationType { get; init; }

    /// <summary>Name of the type with the fields of subscriptions; null for none.</summary>
    internal string? SubscriptionType { get; init; }

    /// <summary>Types by name, by code point; those of the introspection too.</summary>
    internal IReadOnlyList<ApiType> Types => _types;

    /// <summary>Directives, in the order of a server.</summary>
    internal IReadOnlyList<ApiDirective> Directives { get; init; } = [];

    /// <summary>What nobody can know from here; the schema of a server has more there.</summary>
    internal IReadOnlyList<ApiHole> Holes { get; init; } = [];

    /// <summary>Why a server could not build this schema; empty where it could.</summary>
    internal IReadOnlyList<ApiFault> Faults { get; init; } = [];

    /// <summary>True for the name of a type with the fields of operations.</summary>
    internal bool IsRoot(string name) => name == QueryType || name == MutationType || name == SubscriptionType;

    /// <summary>A type; null where there is none of that name.</summary>
    internal ApiType? Find(string name)
    {
        var (low, high) = (0, _types.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(_types[middle].Name, name);
            if (order == 0)
            {
                return _types[middle];
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }
}

/// <summary>Why a server could not build a schema.</summary>
/// <param name="Message">What is wrong, as a sentence.</param>
/// <param name="IsClash">A name is defined in two ways; else GraphQL does not have a name.</param>
internal sealed record ApiFault(string Message, bool IsClash);

/// <summary>What a hole comes from.</summary>
internal enum ApiHoleKind
{
    /// <summary>A remote schema whose SDL was not given.</summary>
    RemoteSchema,

    /// <summary>Fields of tables that lead to a remote schema.</summary>
    RemoteField,

    /// <summary>A source that is not PostgreSQL.</summary>
    Source,

    /// <summary>A source whose database could not be looked into.</summary>
    Database,

    /// <summary>An enum table whose rows could not be read.</summary>
    EnumTable,

    /// <summary>What nobody knows of the endpoint of Relay.</summary>
    Relay,
}

/// <summary>A part of a schema that nobody can know from here.</summary>
/// <param name="Kind">What it comes from.</param>
/// <param name="Name">Name of that object.</param>
/// <param name="Message">What may be missing, as a sentence.</param>
internal sealed record ApiHole(ApiHoleKind Kind, string Name, string Message)
{
    /// <summary>Names of relationships of known types that lead into it; they are missing, too.</summary>
    internal IReadOnlySet<string> Fields { get; init; } = new HashSet<string>();
}
