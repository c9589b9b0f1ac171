using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The GraphQL schemas of the roles of one place.</summary>
public interface IApiSchemas
{
    /// <summary>Roles with a schema of their own, in their order.</summary>
    IReadOnlyList<string> Roles { get; }

    /// <summary>All roles that the metadata names; empty where any name will do.</summary>
    IReadOnlyList<string> NamedRoles => Roles;

    /// <summary>The remote schemas of the metadata by their names; null where it was not read.</summary>
    IReadOnlyList<string>? RemoteSchemas => null;

    /// <summary>Objects of the metadata that do not fit their databases, and so are in no schema, as sentences.</summary>
    IReadOnlyList<string> Inconsistencies { get; }

    /// <summary>The schema of a role; a role that nobody knows may do nothing.</summary>
    /// <param name="role">The role.</param>
    /// <param name="isBackend">Requests come from a backend.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">The errors of servers; ApiSchemaInvalid.</exception>
    Task<RoleApiSchema> ReadAsync(string role, bool isBackend, CancellationToken cancellationToken);

    /// <summary>The schemas of several roles, in their order.</summary>
    /// <param name="roles">The roles.</param>
    /// <param name="isBackend">Requests come from a backend.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">The errors of servers; ApiSchemaInvalid.</exception>
    async Task<IReadOnlyList<RoleApiSchema>> ReadAsync(IReadOnlyCollection<string> roles, bool isBackend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roles);
        var schemas = new List<RoleApiSchema>(roles.Count);
        foreach (var role in roles)
        {
            schemas.Add(await ReadAsync(role, isBackend, cancellationToken).ConfigureAwait(false));
        }

        return schemas;
    }
}

/// <summary>The GraphQL schema of a role.</summary>
public sealed class RoleApiSchema
{
    internal RoleApiSchema(string role, bool isBackend, ApiSchema schema) => (Role, IsBackend, Schema) = (role, isBackend, schema);

    /// <summary>The role.</summary>
    public string Role { get; }

    /// <summary>Requests come from a backend.</summary>
    public bool IsBackend { get; }

    /// <summary>How many types it has, without those of the introspection.</summary>
    public int TypeCount => Schema.Types.Count(t => !t.IsIntrospection);

    /// <summary>What cannot be known from here, as sentences.</summary>
    public IReadOnlyList<string> Holes => [.. Schema.Holes.Select(h => h.Message)];

    /// <summary>Why a server could not build it, as sentences.</summary>
    public IReadOnlyList<string> Faults => [.. Schema.Faults.Select(f => f.Message)];

    internal ApiSchema Schema { get; }

    /// <summary>The schema of a role that may do nothing, beside another schema of the same server.</summary>
    public static RoleApiSchema OfNothing(RoleApiSchema other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new RoleApiSchema(other.Role, other.IsBackend, ApiSchemaBuilder.OfNothing(other.Schema.Directives));
    }

    /// <summary>Writes it.</summary>
    public void Write(ApiSchemaFormat format, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (format == ApiSchemaFormat.Introspection)
        {
            IntrospectionWriter.Write(Schema, stream);
            stream.WriteByte((byte)'\n');
            return;
        }

        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        SdlSchemaWriter.Write(Schema, writer);
    }
}

/// <summary>Schemas that are computed of a document and its databases.</summary>
public sealed class ComputedApiSchemas : IApiSchemas
{
    private readonly ApiSchemaBuilder _builder;

    internal ComputedApiSchemas(MetadataState state, ApiSettings settings)
    {
        _builder = new ApiSchemaBuilder(state, settings);
        NamedRoles = [.. _builder.Roles.Union(ApiRoles.Of(state.Root)).Order(StringComparer.Ordinal)];
        RemoteSchemas = [.. state.Root["remote_schemas"].AsObjects().Select(r => r["name"].AsText()).OfType<string>()];
        Inconsistencies =
        [
            .. state.Cache.Inconsistencies.Found.Select(i => $"{i.Entry["name"].AsText() ?? i.Entry["type"].AsText()}: {i.Reason}").Distinct(StringComparer.Ordinal),
            .. _builder.Unshown,
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Roles => _builder.Roles;

    /// <inheritdoc/>
    public IReadOnlyList<string> NamedRoles { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? RemoteSchemas { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Inconsistencies { get; }

    /// <inheritdoc/>
    public Task<RoleApiSchema> ReadAsync(string role, bool isBackend, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new RoleApiSchema(role, isBackend, _builder.Build(role, isBackend)));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoleApiSchema>> ReadAsync(IReadOnlyCollection<string> roles, bool isBackend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roles);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<RoleApiSchema>>([.. roles.Zip(_builder.Build(roles, isBackend), (role, schema) => new RoleApiSchema(role, isBackend, schema))]);
    }
}

/// <summary>Schemas that a server shows.</summary>
/// <param name="roles">Roles of its metadata.</param>
/// <param name="ask">Asks for the introspection of a role.</param>
internal sealed class AskedApiSchemas(IReadOnlyList<string> roles, Func<string, bool, CancellationToken, Task<JsonNode?>> ask) : IApiSchemas
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Roles => roles;

    /// <inheritdoc/>
    public IReadOnlyList<string> Inconsistencies => [];

    /// <inheritdoc/>
    public async Task<RoleApiSchema> ReadAsync(string role, bool isBackend, CancellationToken cancellationToken) =>
        new(role, isBackend, IntrospectionReader.Read(await ask(role, isBackend, cancellationToken).ConfigureAwait(false)));
}
