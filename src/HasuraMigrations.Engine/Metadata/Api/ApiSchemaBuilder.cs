using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>
/// Computes the GraphQL schemas that a server would show, from a document and the catalogs of its databases. What the schemas of several
/// roles have in common is made once; several threads can build at a time.
/// </summary>
internal sealed class ApiSchemaBuilder
{
    /// <summary>The field of a role that can query nothing.</summary>
    internal const string NoQueriesField = "no_queries_available";

    /// <summary>Its path.</summary>
    internal const string NoQueriesPath = "query_root." + NoQueriesField;

    private const string NoQueries = "There are no queries available to the current role. Either there are no sources or remote schemas configured, or the current role doesn't have the required permissions.";

    private static readonly ApiField NothingToQuery = new(NoQueriesField, new ApiTypeRef("String").NonNull(), NoQueries);

    private readonly ApiModel _model;

    /// <summary>A builder of the schemas of a document.</summary>
    /// <param name="state">The document and its databases.</param>
    /// <param name="settings">The settings of the server.</param>
    internal ApiSchemaBuilder(MetadataState state, ApiSettings settings) => _model = new ApiModel(state, settings);

    /// <summary>What the names in the schema of a role are made of.</summary>
    internal ApiOwners OwnersOf(string role) => new(_model, role);

    /// <summary>Tables that are in no schema for the names of their columns, each with the reason.</summary>
    internal IReadOnlyList<string> Unshown => _model.Unshown;

    /// <summary>The roles that have a schema of their own; every other one has that of a role that may do nothing.</summary>
    internal IReadOnlyList<string> Roles
    {
        get
        {
            var remote = _model.Features.Settings.HasRemoteSchemaPermissions ? _model.Root["remote_schemas"].AsObjects().SelectMany(r => r["permissions"].AsObjects()).Select(p => p["role"].AsText()).OfType<string>() : [];
            return [.. new[] { RolePermissions.Admin }.Concat(_model.Permissions.Roles).Concat(_model.Actions.Roles).Concat(_model.ModelRoles)
                .Concat(remote).Concat(_model.Permissions.Parents.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>The schema of a role that may do nothing.</summary>
    /// <param name="directives">The directives of the server.</param>
    internal static ApiSchema OfNothing(IReadOnlyList<ApiDirective> directives) =>
        new([new ApiType(ApiTypeKind.Object, "query_root", null) { Fields = [NothingToQuery] }, new ApiType(ApiTypeKind.Scalar, "String", null)]) { Directives = directives };

    /// <summary>The schemas of several roles, in their order, built in several threads.</summary>
    /// <param name="roles">The roles.</param>
    /// <param name="isBackend">Requests come from a backend.</param>
    internal IReadOnlyList<ApiSchema> Build(IReadOnlyCollection<string> roles, bool isBackend = false)
    {
        var rights = RoleRights.Of(_model, roles);
        // The first role with the same rights stands for all of them.
        var firsts = Array.ConvertAll(rights, r => Array.FindIndex(rights, r.AreThoseOf));
        var schemas = WorkAhead.Select(firsts.Distinct(), Environment.ProcessorCount, i => (First: i, Schema: Build(rights[i], isBackend))).ToDictionary(s => s.First, s => s.Schema);
        return [.. firsts.Select(i => schemas[i])];
    }

    /// <summary>The schema of a role.</summary>
    /// <param name="role">The role; one that nobody knows may do nothing.</param>
    /// <param name="isBackend">Requests come from a backend: with the admin secret, and the header that asks for permissions of backends.</param>
    internal ApiSchema Build(string role, bool isBackend = false) => Build(RoleRights.Of(_model, [role])[0], isBackend);

    private ApiSchema Build(RoleRights rights, bool isBackend)
    {
        using var schema = new RoleSchema(_model, rights);
        new RootAssembly(schema, isBackend).Add();
        if (_model.Features.Settings.IsRelay)
        {
            RelayTypes.Add(schema);
        }
        else
        {
            _model.Actions.Add(schema);
            RemoteSchemas.Add(schema);
            Federation.Add(schema);
        }

        var isVersion1 = _model.Features.IsVersion1;
        if (schema.Queries.Count == 0)
        {
            schema.Queries.Add(NothingToQuery);
        }

        using var walk = new SchemaWalk(schema);
        ApiType? Root(string name, List<ApiField> fields, string? text)
        {
            if (fields.Count == 0)
            {
                return null;
            }

            var type = new ApiType(ApiTypeKind.Object, name, text) { Fields = RootAssembly.Sorted(schema, name, fields) };
            walk.From(type);
            return type;
        }

        var query = Root("query_root", schema.Queries, isVersion1 ? "query root" : null)!;
        var mutation = Root("mutation_root", schema.Mutations, "mutation root");
        var subscription = Root("subscription_root", schema.Subscriptions, isVersion1 ? "subscription root" : null);
        foreach (var type in isVersion1 ? EarlyTypes.Of(schema) : [])
        {
            walk.From(type);
        }

        foreach (var type in MetaTypes.Types)
        {
            walk.From(type);
        }

        SchemaFaults.Add(schema, walk);
        return new ApiSchema(walk.Sorted())
        {
            QueryType = query.Name,
            MutationType = mutation?.Name,
            SubscriptionType = subscription?.Name,
            Directives = MetaTypes.Directives(_model.Features),
            Holes = [.. _model.Holes, .. schema.Holes],
            Faults = [.. schema.Faults],
        };
    }
}
