namespace HasuraMigrations;

/// <summary>How a GraphQL schema is written.</summary>
public enum ApiSchemaFormat
{
    /// <summary>The schema definition language of GraphQL.</summary>
    Sdl,

    /// <summary>JSON, as a server answers a request for its introspection.</summary>
    Introspection,
}

/// <summary>The GraphQL schema that a role sees.</summary>
/// <param name="Role">The role.</param>
/// <param name="Format">How it is written.</param>
/// <param name="TypeCount">How many types it has, without those of the introspection.</param>
public sealed record HasuraApiSchema(string Role, ApiSchemaFormat Format, int TypeCount)
{
    /// <summary>True for the schema of requests with the header that asks for permissions of backends.</summary>
    public bool IsBackend { get; init; }

    /// <summary>Full path of the file that it was written to; null where it is in <see cref="Text"/>.</summary>
    public string? Path { get; init; }

    /// <summary>The schema; null where it was written to a file.</summary>
    public string? Text { get; init; }

    /// <summary>What cannot be known from here, as sentences; the server has more there.</summary>
    public IReadOnlyList<string> Holes { get; init; } = [];

    /// <summary>Why a server could not build this schema, as sentences; empty where it could.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];
}
