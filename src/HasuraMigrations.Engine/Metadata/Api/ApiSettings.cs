using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The settings of a server that change its GraphQL schema, with the defaults of a server.</summary>
internal sealed record ApiSettings
{
    /// <summary>Its version.</summary>
    internal MetadataEra Era { get; init; } = MetadataEra.Version2;

    /// <summary>Names in <c>HASURA_GRAPHQL_EXPERIMENTAL_FEATURES</c>.</summary>
    internal IReadOnlySet<string> ExperimentalFeatures { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary><c>HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION</c>.</summary>
    internal string? DefaultNamingConvention { get; init; }

    /// <summary><c>HASURA_GRAPHQL_INFER_FUNCTION_PERMISSIONS</c>.</summary>
    internal bool InfersFunctionPermissions { get; init; } = true;

    /// <summary><c>HASURA_GRAPHQL_ENABLE_REMOTE_SCHEMA_PERMISSIONS</c>.</summary>
    internal bool HasRemoteSchemaPermissions { get; init; }

    /// <summary><c>HASURA_GRAPHQL_ENABLE_APOLLO_FEDERATION</c>.</summary>
    internal bool HasApolloFederation { get; init; }

    /// <summary><c>HASURA_FF_NAMING_CONVENTION_SEP_2023</c>.</summary>
    internal bool HasNamingOfSeptember2023 { get; init; }

    /// <summary>The schemas of remote schemas in SDL, by name.</summary>
    internal IReadOnlyDictionary<string, string> RemoteSchemas { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
