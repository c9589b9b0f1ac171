using GraphQLParser.AST;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>Whether a role can run a stored query.</summary>
/// <param name="Query">The query.</param>
/// <param name="Role">The role.</param>
/// <param name="Endpoints">The REST endpoints that run it.</param>
/// <param name="HasRoots">The role has every root field of it.</param>
/// <param name="Problem">What the schema of the role does not have; null where it has all.</param>
internal sealed record StoredQueryCheck(ObjectId Query, string Role, IReadOnlyList<string> Endpoints, bool HasRoots, string? Problem);

/// <summary>The queries of collections and of REST endpoints, looked at with the schema of each role.</summary>
internal static class StoredQueries
{
    /// <summary>Which role can run which query; a role with a part of its schema that is not known is left out.</summary>
    /// <param name="state">The document and its databases.</param>
    /// <param name="roles">The roles; null for those of the document.</param>
    internal static IReadOnlyList<StoredQueryCheck> Check(MetadataState state, IEnumerable<string>? roles = null)
    {
        var queries = Read(state).ToList();
        if (queries.Count == 0 || state.Cache.HardError is not null)
        {
            return [];
        }

        var builder = new ApiSchemaBuilder(state, new ApiSettings { Era = state.Era });
        var found = new List<StoredQueryCheck>();
        foreach (var role in roles ?? builder.Roles)
        {
            var schema = builder.Build(role);
            if (schema.Holes.Count > 0)
            {
                continue;
            }

            found.AddRange(from query in queries
                           let problems = OperationCheck.Problems(schema, query.Definitions)
                           select new StoredQueryCheck(query.Id, role, query.Endpoints, OperationCheck.HasRoots(schema, query.Definitions), problems.Count == 0 ? null : string.Join("; ", problems)));
        }

        return found;
    }

    private static IEnumerable<(ObjectId Id, IReadOnlyList<string> Endpoints, IReadOnlyList<ASTNode> Definitions)> Read(MetadataState state)
    {
        var endpoints = state.Readable["rest_endpoints"].AsObjects().ToLookup(e => KeyOf(e["definition"].Get("query").Get("collection_name").AsText(), e["definition"].Get("query").Get("query_name").AsText()), e => e["name"].AsText() ?? "");
        return from collection in state.Readable["query_collections"].AsObjects()
               let name = collection["name"].AsText() ?? ""
               from query in collection["definition"].Get("queries").AsObjects()
               let id = KeyOf(name, query["name"].AsText())
               let definitions = GraphQLText.Definitions(query["query"].AsText() ?? "")
               where definitions.Count > 0
               select (id, (IReadOnlyList<string>)[.. endpoints[id]], definitions);
    }

    private static ObjectId KeyOf(string? collection, string? query) => ObjectId.OfGlobal(ObjectKind.CollectionQuery, collection ?? "", query ?? "");
}
