using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>The settings of a server that change its GraphQL schema, with the defaults of a server.</summary>
public sealed record ApiSettings
{
    private const string Prefix = "HASURA_";
    private static readonly Version FirstWithRelay = new(1, 3);

    /// <summary>A server with the settings that it has by itself.</summary>
    public static readonly ApiSettings Default = new();

    /// <summary>The schemas of remote schemas, by name.</summary>
    public IReadOnlyDictionary<string, RemoteApiSchema> RemoteSchemas { get; init; } = new Dictionary<string, RemoteApiSchema>(StringComparer.Ordinal);

    /// <summary>The schema is that of the endpoint of Relay.</summary>
    public bool IsRelay { get; init; }

    /// <summary>Its version.</summary>
    internal MetadataEra Era { get; init; } = MetadataEra.Version2;

    /// <summary>Somebody named the version.</summary>
    internal bool IsVersionGiven { get; init; }

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

    /// <summary>The settings that environment variables of a server make.</summary>
    /// <param name="variables">The variables; those that do not change the schema do nothing.</param>
    /// <param name="version">The version of the server, such as v2.36.0; null for the newest one.</param>
    /// <param name="isRelay">The schema is that of the endpoint of Relay.</param>
    /// <exception cref="HasuraMigrationException">ApiSettingInvalid.</exception>
    public static ApiSettings Of(IReadOnlyDictionary<string, string> variables, string? version, bool isRelay = false)
    {
        ArgumentNullException.ThrowIfNull(variables);
        foreach (var name in variables.Keys.Where(n => !n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            throw Invalid(name, "is no environment variable of a Hasura server");
        }

        string? Text(string name) => variables.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;
        return new ApiSettings
        {
            IsRelay = isRelay,
            Era = version is null ? MetadataEra.Version2 : EraOf(version, isRelay),
            IsVersionGiven = version is not null,
            ExperimentalFeatures = (Text("HASURA_GRAPHQL_EXPERIMENTAL_FEATURES") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal),
            DefaultNamingConvention = Text("HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION") switch
            {
                null or "hasura-default" or "graphql-default" => Text("HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION"),
                _ => throw Invalid("HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION", "is neither hasura-default nor graphql-default"),
            },
            InfersFunctionPermissions = Flag("HASURA_GRAPHQL_INFER_FUNCTION_PERMISSIONS") ?? true,
            HasRemoteSchemaPermissions = Flag("HASURA_GRAPHQL_ENABLE_REMOTE_SCHEMA_PERMISSIONS") ?? false,
            HasApolloFederation = Flag("HASURA_GRAPHQL_ENABLE_APOLLO_FEDERATION") ?? false,
            HasNamingOfSeptember2023 = Flag("HASURA_FF_NAMING_CONVENTION_SEP_2023") ?? false,
        };

        // The spellings that servers read.
        bool? Flag(string name) => Text(name)?.ToLowerInvariant() switch
        {
            null => null,
            "true" or "t" or "yes" or "y" => true,
            "false" or "f" or "no" or "n" => false,
            _ => throw Invalid(name, "is neither true nor false"),
        };
    }

    private static MetadataEra EraOf(string version, bool isRelay)
    {
        var number = version.TrimStart('v').Split('-')[0];
        // The endpoint is there since 1.3 (Hasura, releases).
        return isRelay && System.Version.TryParse(number, out var early) && early < FirstWithRelay
            ? throw new HasuraMigrationException("ApiSettingInvalid", $"A Hasura server of version '{version}' has no endpoint of Relay; servers have it since v1.3.0.")
            : System.Version.TryParse(number, out var told) && told.Major is 1 or 2
            ? told.Major == 1 ? MetadataEra.Version1 : new MetadataEra(told)
            : throw new HasuraMigrationException("ApiSettingInvalid", $"'{version}' is not the version of a Hasura server, such as v2.36.0.");
    }

    private static HasuraMigrationException Invalid(string name, string why) => new("ApiSettingInvalid", $"The server setting '{name}' {why}.", name);
}

/// <summary>The schema of a remote schema, as somebody gives it.</summary>
public sealed class RemoteApiSchema
{
    internal RemoteApiSchema(ApiSchema schema) => Schema = schema;

    internal ApiSchema Schema { get; }
}
