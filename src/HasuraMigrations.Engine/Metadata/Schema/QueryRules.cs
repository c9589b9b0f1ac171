using System.Text.Json.Nodes;
using GraphQLParser.AST;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>
/// The queries of REST endpoints and of collections that everybody may use ask for root fields that are there. What they ask
/// for below is left to the server, which validates them against its whole schema. This is not the validation of operations, which needs the
/// schema of a role: it is a part of what makes metadata inconsistent, told in the words of a server, and the root fields are known here.
/// </summary>
internal static class QueryRules
{
    // Servers validate stored queries since 2.1 (Hasura, query collections).
    private static readonly Version Validating = new(2, 1);

    /// <summary>Looks at the stored queries that are in use.</summary>
    /// <param name="era">The line of servers.</param>
    /// <param name="cache">What is there.</param>
    /// <param name="root">The document.</param>
    /// <param name="claims">Root types and their fields; null where not all of them are known.</param>
    internal static void Build(MetadataEra era, SchemaCache cache, JsonObject root, IReadOnlySet<(string Root, string Field)>? claims)
    {
        if (claims is null || era.Version < Validating)
        {
            return;
        }

        var endpoints = root["rest_endpoints"].AsObjects().ToLookup(e => KeyOf(e["definition"].Get("query")), e => e["name"].AsText() ?? "");
        // Collections allowed to some roles only are not validated; an entry without a scope is global (Hasura 2.3, allow lists).
        var allowed = root["allowlist"].AsObjects().Where(a => a["scope"].Get("global") is not JsonValue global || !global.TryGetValue<bool>(out var isGlobal) || isGlobal).Select(a => a["collection"].AsText()).ToHashSet();
        foreach (var collection in root["query_collections"].AsObjects())
        {
            var name = collection["name"].AsText() ?? "";
            foreach (var query in collection["definition"].Get("queries").AsObjects())
            {
                var key = (name, query["name"].AsText() ?? "");
                if (allowed.Contains(name) || endpoints.Contains(key))
                {
                    Check(cache, query, key, [.. endpoints[key]], claims);
                }
            }
        }
    }

    private static void Check(SchemaCache cache, JsonObject query, (string Collection, string Query) key, string[] endpoints, IReadOnlySet<(string Root, string Field)> claims)
    {
        // Servers validate against the schema of the role admin, so permissions do not matter (Hasura 2.48).
        var definitions = GraphQLText.Definitions(query["query"].AsText() ?? "");
        var errors = definitions.OfType<GraphQLOperationDefinition>()
            .SelectMany(o => Missing(definitions, o.SelectionSet, RootOf(o.Operation), claims, []))
            .Distinct().Select(e => $"\"{e}\"").ToList();
        if (errors.Count > 0)
        {
            var use = endpoints.Length == 0 ? "" : $". This query is being used in the following REST endpoint(s): {string.Join(", ", endpoints.Select(e => $"\"{e}\""))}";
            cache.Inconsistencies.Add(
                ObjectId.OfGlobal(ObjectKind.CollectionQuery, key.Collection, key.Query),
                "query_collections",
                $"{key.Query} in {key.Collection}",
                query,
                $"In query collection \"{key.Collection}\" the query \"{key.Query}\" is invalid with the following error(s): {string.Join(", ", errors)}{use}");
        }
    }

    private static IEnumerable<string> Missing(IReadOnlyList<ASTNode> definitions, GraphQLSelectionSet selections, string root, IReadOnlySet<(string Root, string Field)> claims, HashSet<string> seen)
    {
        foreach (var selection in selections.Selections)
        {
            switch (selection)
            {
                // Fields of introspection and federation begin so.
                case GraphQLField field when field.Name.StringValue is var name && name[0] != '_' && !claims.Contains((root, name)):
                    yield return $"$.{field.Alias?.Name.StringValue ?? name}: field '{name}' not found in object '{root}'";
                    break;
                case GraphQLInlineFragment inline:
                    foreach (var error in Missing(definitions, inline.SelectionSet, root, claims, seen))
                    {
                        yield return error;
                    }

                    break;
                case GraphQLFragmentSpread spread when seen.Add(spread.FragmentName.Name.StringValue) && definitions.OfType<GraphQLFragmentDefinition>().FirstOrDefault(f => f.FragmentName.Name.StringValue == spread.FragmentName.Name.StringValue) is { } fragment:
                    foreach (var error in Missing(definitions, fragment.SelectionSet, root, claims, seen))
                    {
                        yield return error;
                    }

                    break;
            }
        }
    }

    private static (string Collection, string Query) KeyOf(JsonNode? reference) => (reference.Get("collection_name").AsText() ?? "", reference.Get("query_name").AsText() ?? "");

    private static string RootOf(OperationType operation) => operation switch
    {
        OperationType.Mutation => RootFieldRules.Mutation,
        OperationType.Subscription => RootFieldRules.Subscription,
        _ => RootFieldRules.Query,
    };
}
