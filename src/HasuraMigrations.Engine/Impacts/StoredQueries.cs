using GraphQLParser.AST;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>A stored query that a role cannot run.</summary>
/// <param name="Query">The query.</param>
/// <param name="Role">The role.</param>
/// <param name="Endpoints">The REST endpoints that run it.</param>
/// <param name="Problem">What its schema does not have.</param>
internal sealed record StoredQueryProblem(ObjectId Query, string Role, IReadOnlyList<string> Endpoints, string Problem);

/// <summary>The queries of collections and of REST endpoints, looked at with the schema of each role that can call their root fields.</summary>
internal static class StoredQueries
{
    /// <summary>What roles cannot run. A part of a schema that is not known is no problem.</summary>
    /// <param name="state">The document and its databases.</param>
    internal static IReadOnlyList<StoredQueryProblem> Problems(MetadataState state)
    {
        var queries = Read(state).ToList();
        if (queries.Count == 0 || state.Cache.HardError is not null)
        {
            return [];
        }

        var builder = new ApiSchemaBuilder(state, new ApiSettings { Era = state.Era });
        var found = new List<StoredQueryProblem>();
        foreach (var role in builder.Roles)
        {
            var schema = builder.Build(role);
            if (schema.Holes.Count > 0)
            {
                continue;
            }

            found.AddRange(from query in queries
                           // Who lacks a root field was never meant to run it; the administrator may run everything.
                           where role == RoleAccess.Admin || OperationCheck.HasRoots(schema, query.Definitions)
                           let problems = OperationCheck.Problems(schema, query.Definitions)
                           where problems.Count > 0
                           select new StoredQueryProblem(query.Id, role, query.Endpoints, string.Join("; ", problems)));
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
