using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>
/// What a role may do, as far as a schema shows it. A schema is made of this and of the model alone, so roles that may do the same have
/// one schema.
/// </summary>
internal sealed class RoleRights
{
    private RoleRights(ApiModel model, string role)
    {
        var (isAdmin, roles) = (role == RolePermissions.Admin, model.Permissions.WithParents(role));
        Permissions = model.Permissions.Of(role);
        NativeQueries = [.. from query in model.Queries let fields = query.Model.Permitted(model.Permissions, role) where fields is not null select (query, fields)];
        Readable = NativeQueries.Select(q => q.Query).ToHashSet();
        Views = new TableView?[model.Tables.Count];
        Functions = model.Functions.Where(f => MayCall(model, f, isAdmin, roles)).ToHashSet();
        Actions = model.Actions.Permitted(isAdmin ? null : roles);
        RemoteSchemas = [.. Remotes(model, role, isAdmin)];
    }

    /// <summary>What it may do with tables, by their index.</summary>
    internal TablePermissions[] Permissions { get; }

    /// <summary>Tables as it sees them, by index; null where it may do nothing with one.</summary>
    internal TableView?[] Views { get; }

    /// <summary>Native queries that it may call, with the fields that it may read.</summary>
    internal (NativeQuery Query, IReadOnlySet<string> Fields)[] NativeQueries { get; }

    /// <summary>Native queries that it may call.</summary>
    internal HashSet<NativeQuery> Readable { get; }

    /// <summary>Functions that it may call if it may read their tables.</summary>
    internal HashSet<ApiFunction> Functions { get; }

    /// <summary>Actions that it may call.</summary>
    internal List<JsonObject> Actions { get; }

    /// <summary>Remote schemas of the document, with what it sees of each; null where it sees nothing, or nobody knows.</summary>
    internal (string Name, JsonObject Entry, bool IsRestricted, ApiSchema? Schema)[] RemoteSchemas { get; }

    /// <summary>The rights of several roles, in their order.</summary>
    /// <param name="model">What the schemas of all roles are made of.</param>
    /// <param name="roles">The roles; one that nobody knows may do nothing.</param>
    internal static RoleRights[] Of(ApiModel model, IReadOnlyCollection<string> roles)
    {
        RoleRights[] all = [.. roles.Select(r => new RoleRights(model, r))];
        model.See(all);
        return all;
    }

    /// <summary>True where the schema of another role of the same model is the same.</summary>
    internal bool AreThoseOf(RoleRights other) =>
        Views.AsSpan().SequenceEqual(other.Views)
        && Functions.SetEquals(other.Functions)
        && Actions.SequenceEqual(other.Actions)
        && RemoteSchemas.AsSpan().SequenceEqual(other.RemoteSchemas)
        && NativeQueries.Length == other.NativeQueries.Length
        && NativeQueries.Zip(other.NativeQueries).All(p => p.First.Query == p.Second.Query && p.First.Fields.SetEquals(p.Second.Fields));

    // Without own permissions of functions, who may read the table may query the function (Hasura, function permissions).
    private static bool MayCall(ApiModel model, ApiFunction function, bool isAdmin, List<string> roles) =>
        isAdmin
        || (!function.IsMutation && model.Features.Settings.InfersFunctionPermissions)
        || roles.Exists(r => model.Cache.Objects.ContainsKey(new ObjectId(ObjectKind.FunctionPermission, function.Table.Source.Name, function.Name, "", r)));

    private static IEnumerable<(string, JsonObject, bool, ApiSchema?)> Remotes(ApiModel model, string role, bool isAdmin)
    {
        var isRestricted = model.Features.Settings.HasRemoteSchemaPermissions && !isAdmin;
        foreach (var entry in model.Root["remote_schemas"].AsObjects())
        {
            var name = entry["name"].AsText() ?? "";
            if (model.Cache.Objects.ContainsKey(ObjectId.OfGlobal(ObjectKind.RemoteSchema, name)))
            {
                yield return (name, entry, isRestricted, isRestricted ? Permitted(model, entry, name, role) : model.Features.Settings.RemoteSchemas.GetValueOrDefault(name)?.Schema);
            }
        }
    }

    // Roles inherit it where all parents that have one have the same.
    private static ApiSchema? Permitted(ApiModel model, JsonObject entry, string name, string role)
    {
        var byRole = entry["permissions"].AsObjects().ToLookup(p => p["role"].AsText() ?? "", p => p["definition"].Get("schema").AsText());
        var sdl = model.Permissions.Inherited(role, r => byRole[r].FirstOrDefault(), all => all.Distinct(StringComparer.Ordinal).Skip(1).Any() ? null : all[0]);
        return sdl is null ? null : model.PermittedRemote(sdl, name, role);
    }
}
