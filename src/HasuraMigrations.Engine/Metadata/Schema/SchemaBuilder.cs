using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>
/// Builds the schema of a document in the stages of a server: what a stage finds inconsistent is not there for the
/// stages after it.
/// </summary>
internal sealed class SchemaBuilder
{
    private readonly MetadataEra _era;
    private readonly JsonObject _root;
    private readonly IReadOnlyDictionary<string, SourceFacts> _facts;
    private readonly SchemaCache _cache;

    private readonly IReadOnlyList<UnreadableObject> _unreadable;

    private SchemaBuilder(MetadataState state)
    {
        (_era, _root, _facts, _unreadable) = (state.Era, state.Readable, state.Facts, state.Unreadable);
        _cache = new SchemaCache(_era);
    }

    /// <summary>Builds.</summary>
    /// <param name="state">The document, which is not changed, and the databases of its sources.</param>
    internal static SchemaCache Build(MetadataState state) => new SchemaBuilder(state).Build();

    private SchemaCache Build()
    {
        foreach (var one in _unreadable)
        {
            _cache.Inconsistencies.Add(one.Id, one.Type, one.Name, one.Definition, one.Reason);
        }

        // Servers read remote schemas after functions (Hasura 2.48). Here none of them can fail, and remote relationships need them.
        RemoteSchemaRules.Build(_era, _cache, _root);
        var sources = Sources().ToList();
        // Tables of all sources come before any field: remote relationships lead from one source to another (Hasura 2.48).
        foreach (var (name, node, catalog) in sources)
        {
            new TableRules(_era, _cache, name, catalog).Build(node);
        }

        foreach (var (name, node, _) in sources)
        {
            new FieldRules(_era, _cache, name).Build(node);
            new EventTriggerRules(_era, _cache, name).Build(node);
        }

        foreach (var (name, node, catalog) in sources)
        {
            new FunctionRules(_era, _cache, name, catalog).Build(node);
            NativeQueryRules.Build(_cache, name, node, catalog);
        }

        RoleRules.Order(_era, _cache, _root);
        foreach (var (name, node, _) in sources)
        {
            new PermissionRules(_era, _cache, name).Build(node);
            FunctionRules.BuildPermissions(_era, _cache, name, node);
        }

        RoleRules.Build(_cache, _root);
        // Inherited roles exist since 2.0 (Hasura, inherited roles).
        if (!_era.IsVersion1)
        {
            RoleRules.FindConflicts(_cache, _root);
        }

        new ActionRules(_era, _cache, _root).Build(sources.Select(s => s.Catalog));
        EndpointRules.Build(_era, _cache, _root);
        TelemetryRules.Build(_cache, _root);
        // Servers look for missing needs once everything is built, and remove the dependents (Hasura 1.3.3 and 2.48).
        DependencyRules.Resolve(_era, _cache);
        // Servers validate stored queries against the GraphQL schema, which has only what is left by now (Hasura 2.48).
        QueryRules.Build(_era, _cache, _root, RootFieldRules.Build(_era, _cache, _root));
        return _cache;
    }

    private IEnumerable<(string Name, JsonObject Node, Catalog.DatabaseCatalog Catalog)> Sources()
    {
        foreach (var (name, node) in MetadataTree.SourcesOf(_root))
        {
            var kind = node["kind"].AsText();
            if (kind is not (null or "postgres" or "pg"))
            {
                _cache.OtherKinds.Add(name);
                continue;
            }

            if (_facts.GetValueOrDefault(name) is { Catalog: { } catalog })
            {
                _cache.Sources.Add(name);
                yield return (name, node, catalog);
            }
            else if (_facts.GetValueOrDefault(name) is { IsSkipped: true })
            {
                _cache.Skipped.Add(name);
            }
            else
            {
                // The source alone is reported, without its tables and functions. All failed connections have one reason; the text of the
                // driver goes to the member message (Hasura 2.48).
                _cache.Inconsistencies.Add(new ObjectId(ObjectKind.Source, name, default, ""), "source", name, JsonValue.Create(name), "connection error", _facts.GetValueOrDefault(name)?.Error ?? "environment variable not set");
            }
        }
    }
}
