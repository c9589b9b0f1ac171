using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>What the schemas of all roles are made of.</summary>
internal sealed class ApiModel
{
    private readonly Dictionary<(string Source, QualifiedName Name), ApiTable> _byName = [];
    private readonly ConcurrentDictionary<string, ApiSchema> _permittedRemotes = new(StringComparer.Ordinal);
    private readonly List<int> _unnamed = [];
    private int _lookedAt;

    internal ApiModel(MetadataState state, ApiSettings settings)
    {
        (Root, Cache, Features) = (state.Readable, state.Cache, new ApiFeatures(settings));
        Types = new SharedTypes(Features);
        var filters = new ComparisonTypes(Types);
        var queries = new Dictionary<(string Source, string Name), NativeQuery>();
        foreach (var (name, node) in MetadataTree.SourcesOf(Root))
        {
            if (HoleOf(state, name, node) is { } hole)
            {
                Holes.Add(hole);
                continue;
            }

            var source = new ApiSource(name, new ApiNaming(Features, node["customization"]), filters, Types);
            Sources.Add(source);
            Tables.AddRange(new ApiTableReader(source, Cache, Holes, Unshown).Read(Tables.Count));
            if (Features.HasNativeQueries)
            {
                AddQueries(source, node, queries);
            }
        }

        foreach (var table in Tables)
        {
            _byName[(table.Source.Name, table.Info.Name)] = table;
        }

        var links = new ApiLinkReader(_byName, queries);
        Tables.ForEach(links.Read);
        UnnamedKeys = Features.IsVersion1 ? [] : [.. Tables.Where(t => t.Roots is not null && t.Info.Facts.IsInsertable).SelectMany(t => t.Keys().Where(k => !GraphQLText.IsName(k.Name)).Select(k => (t, k.Name)))];
        // Servers of version 1 build each field for itself.
        Twins = new ListTwins(Features.IsVersion1 ? [] : Tables);
        RemoteFields = Tables.SelectMany(t => t.RemoteFields.Select(f => f.Schema)).ToHashSet(StringComparer.Ordinal);
        Queries = [.. queries.Values];
        foreach (var source in Sources)
        {
            AddFunctions(source, MetadataTree.SourcesOf(Root).First(s => s.Name == source.Name).Node);
        }

        Permissions = new RolePermissions(Features, Tables, Cache);
        Actions = new ActionTypes(this);
    }

    /// <summary>The document.</summary>
    internal JsonObject Root { get; }

    /// <summary>What a server made of it.</summary>
    internal SchemaCache Cache { get; }

    /// <summary>What the server has.</summary>
    internal ApiFeatures Features { get; }

    /// <summary>Types that do not depend on a role.</summary>
    internal SharedTypes Types { get; }

    /// <summary>Numbers for the names of types.</summary>
    internal TypeIndex Index => Types.Index;

    /// <summary>Sources.</summary>
    internal List<ApiSource> Sources { get; } = [];

    /// <summary>Tables of all sources.</summary>
    internal List<ApiTable> Tables { get; } = [];

    /// <summary>Tables that are in no schema for the names of their columns, each with the reason.</summary>
    internal List<string> Unshown { get; } = [];

    /// <summary>Unique indexes that GraphQL cannot name; nobody can build on_conflict of their tables.</summary>
    internal (ApiTable Table, string Key)[] UnnamedKeys { get; }

    /// <summary>Functions of all sources.</summary>
    internal List<ApiFunction> Functions { get; } = [];

    /// <summary>Relationships that list rows under the same name as other fields.</summary>
    internal ListTwins Twins { get; }

    /// <summary>Remote schemas that fields of tables lead to.</summary>
    internal HashSet<string> RemoteFields { get; }

    /// <summary>Native queries of all sources.</summary>
    internal NativeQuery[] Queries { get; }

    /// <summary>Roles that may read a logical model, whether or not a native query returns it.</summary>
    internal HashSet<string> ModelRoles { get; } = new(StringComparer.Ordinal);

    /// <summary>Actions and custom types.</summary>
    internal ActionTypes Actions { get; }

    /// <summary>What roles may do with tables.</summary>
    internal RolePermissions Permissions { get; }

    /// <summary>What nobody can know from here.</summary>
    internal List<ApiHole> Holes { get; } = [];

    /// <summary>A table; null where there is none.</summary>
    internal ApiTable? FindTable(string source, QualifiedName name) => _byName.GetValueOrDefault((source, name));

    /// <summary>Numbers of the types so far that GraphQL cannot name.</summary>
    internal int[] UnnamedTypes()
    {
        lock (_unnamed)
        {
            for (; _lookedAt < Index.Count; _lookedAt++)
            {
                if (!GraphQLText.IsName(Index.NameOf(_lookedAt)))
                {
                    _unnamed.Add(_lookedAt);
                }
            }

            return [.. _unnamed];
        }
    }

    /// <summary>What a permission of a remote schema shows of it. Roles often have the same.</summary>
    /// <exception cref="HasuraMigrationException">ApiSchemaInvalid.</exception>
    internal ApiSchema PermittedRemote(string sdl, string name, string role) =>
        _permittedRemotes.GetOrAdd(sdl, text => SdlSchemaReader.Read(text, what: $"The SDL of the permission of the role '{role}' for the remote schema '{name}'"));

    /// <summary>Makes what several roles see of the tables, table by table: threads that make the same table for different roles would wait for each other.</summary>
    internal void See(IReadOnlyCollection<RoleRights> roles) => WorkAhead.ForEach(Tables.Count, i =>
    {
        foreach (var role in roles)
        {
            role.Views[i] = View(i, role.Permissions, role.Readable);
        }
    });

    private TableView? View(int table, TablePermissions[] permissions, IReadOnlySet<NativeQuery> queries)
    {
        if (permissions[table] == TablePermissions.None)
        {
            return null;
        }

        var view = Tables[table].View(permissions[table], States(Tables[table], permissions), queries);
        view.Make();
        return view;
    }

    private ApiLinkState[] States(ApiTable table, TablePermissions[] permissions)
    {
        if (table.Links.Count + table.Computed.Count == 0)
        {
            return [];
        }

        var states = new ApiLinkState[table.Links.Count + table.Computed.Count];
        for (var i = 0; i < states.Length; i++)
        {
            var link = i < table.Links.Count ? table.Links[i] : table.Computed[i - table.Links.Count].Link;
            states[i] = link is null ? ApiLinkState.None : State(permissions[link.Target.Index]);
        }

        return states;
    }

    private ApiLinkState State(TablePermissions target)
    {
        var state = target.Insert is null ? ApiLinkState.None : ApiLinkState.Insert;
        if (target.Select is { } select)
        {
            state |= ApiLinkState.Select;
            state |= select.HasAggregates ? ApiLinkState.Aggregate : ApiLinkState.None;
            state |= select.Columns.Length > 0 ? ApiLinkState.Columns : ApiLinkState.None;
            state |= select is { HasAggregates: true, Columns.Length: > 0 } && Features.HasPredicates ? ApiLinkState.Predicate : ApiLinkState.None;
        }

        return state;
    }

    private static ApiHole? HoleOf(MetadataState state, string name, JsonObject node)
    {
        if (node["kind"].AsText() is { } kind and not ("postgres" or "pg"))
        {
            return new ApiHole(ApiHoleKind.Source, name, $"The source {name} is of the kind {kind}, so its tables are not in the schema.") { Fields = HoleFields.OfSource(state.Readable, name) };
        }

        return state.Facts.GetValueOrDefault(name)?.Catalog is null
            ? new ApiHole(ApiHoleKind.Database, name, $"The database of the source {name} was not read, so its tables are not in the schema.") { Fields = HoleFields.OfSource(state.Readable, name) }
            : null;
    }

    private void AddFunctions(ApiSource source, JsonObject node)
    {
        foreach (var (name, entry) in MetadataTree.FunctionsOf(node))
        {
            if (Cache.Functions.GetValueOrDefault((source.Name, name)) is { } returned && FindTable(source.Name, returned) is { } table)
            {
                var catalog = table.Info.Catalog;
                Functions.Add(new ApiFunction(table, name, catalog.FindFunctions(name.Schema, name.Name).First(), catalog.Texts, entry));
            }
        }
    }

    private void AddQueries(ApiSource source, JsonObject node, Dictionary<(string Source, string Name), NativeQuery> queries)
    {
        var models = new Dictionary<string, LogicalModel>(StringComparer.Ordinal);
        foreach (var model in node["logical_models"].AsObjects())
        {
            models.TryAdd(model["name"].AsText() ?? "", new LogicalModel(source, model["name"].AsText() ?? "", model));
        }

        ModelRoles.UnionWith(models.Values.SelectMany(m => m.Roles));

        foreach (var query in node["native_queries"].AsObjects())
        {
            var name = query["root_field_name"].AsText() ?? "";
            if (!Cache.Objects.ContainsKey(NativeQueryRules.IdOf(source.Name, name)))
            {
                continue;
            }

            // A model that is written in the query has the name of the query (Hasura 2.48).
            var model = query["returns"] is JsonObject own ? new LogicalModel(source, name, own) : models.GetValueOrDefault(query["returns"].AsText() ?? "");
            if (model is not null)
            {
                ModelRoles.UnionWith(model.Roles);
                model.KeepTypes();
                queries.TryAdd((source.Name, name), new NativeQuery(model, name, query));
            }
        }
    }
}
