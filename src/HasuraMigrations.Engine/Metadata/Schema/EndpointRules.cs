using System.Text.Json.Nodes;
using GraphQLParser.AST;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>REST endpoints have a query and a path of their own.</summary>
internal static class EndpointRules
{
    /// <summary>Looks at the endpoints of a document.</summary>
    internal static void Build(MetadataEra era, SchemaCache cache, JsonObject root)
    {
        var good = new List<(MetadataObject Object, string[] Path, JsonObject Node)>();
        foreach (var entry in root["rest_endpoints"].AsObjects())
        {
            var name = entry["name"].AsText() ?? "";
            var item = new NamedObject(ObjectId.OfGlobal(ObjectKind.RestEndpoint, name), era.HasSpacedColons ? "endpoint" : "rest_endpoint", name, () => Shown(entry));
            if (Problem(root, entry) is { } reason)
            {
                cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, $"in endpoint {name}: {reason}");
            }
            else if (PathProblem(entry) is { } told)
            {
                // Entries for paths are a kind of their own: without the prefix of inconsistent objects (Hasura 2.48).
                cache.Inconsistencies.Add(item.Id, told, new JsonObject { ["type"] = item.Type, ["name"] = $"{item.Type} {name}", ["definition"] = item.Definition, ["reason"] = told });
            }
            else
            {
                good.Add((item, (entry["url"].AsText() ?? "").Split('/'), entry));
            }
        }

        while (good.Count > 0)
        {
            var rivals = Together(good, good[0]);
            good.RemoveAll(rivals.Contains);
            if (rivals is [var only])
            {
                cache.Keep(only.Object, []);
                continue;
            }

            var reason = $"Ambiguous URL paths: {string.Join(", ", rivals.Select(r => r.Node["url"].AsText()).Distinct().Order(StringComparer.Ordinal))}";
            var conflicts = new JsonArray([.. rivals.Select(r => (JsonNode)WithText(root, r.Node))]);
            foreach (var rival in rivals)
            {
                cache.Inconsistencies.Add(rival.Object.Id, reason, new JsonObject { ["reason"] = reason, ["conflicts"] = conflicts.DeepClone() });
            }
        }
    }

    // Endpoints that meet, and those that meet these.
    private static List<(MetadataObject Object, string[] Path, JsonObject Node)> Together(List<(MetadataObject Object, string[] Path, JsonObject Node)> all, (MetadataObject Object, string[] Path, JsonObject Node) first)
    {
        var found = new List<(MetadataObject Object, string[] Path, JsonObject Node)> { first };
        for (var i = 0; i < found.Count; i++)
        {
            var one = found[i];
            found.AddRange(all.Where(o => !found.Contains(o) && Overlap(o.Path, one.Path) && o.Node["methods"].AsTexts().Intersect(one.Node["methods"].AsTexts()).Any()).ToList());
        }

        return found;
    }

    // An endpoint with the text of its query in place of the query's name.
    private static JsonObject WithText(JsonObject root, JsonObject entry)
    {
        var (shown, reference) = (Shown(entry), entry["definition"].Get("query"));
        var query = root.EntryAt("query_collections", "name", reference.Get("collection_name").AsText() ?? "")?["definition"].EntryAt("queries", "name", reference.Get("query_name").AsText() ?? "");
        shown["definition"] = new JsonObject { ["query"] = query?["query"]?.DeepClone() };
        return shown;
    }

    private static string? Problem(JsonObject root, JsonObject entry)
    {
        var reference = entry["definition"].Get("query");
        var (collection, query) = (reference.Get("collection_name").AsText() ?? "", reference.Get("query_name").AsText() ?? "");
        if (root.EntryAt("query_collections", "name", collection) is not { } found)
        {
            return $"collection with name {collection} does not exist";
        }

        if (found["definition"].EntryAt("queries", "name", query) is not { } text)
        {
            return $"query with name {query} does not exist in collection {collection}";
        }

        var definitions = GraphQLText.Definitions(text["query"].AsText() ?? "");
        return definitions.Count == 0 ? null : definitions.OfType<GraphQLOperationDefinition>().ToList() switch
        {
            [] => $"query with name {query} has no definitions.",
            [var only] => only.Operation == OperationType.Subscription ? $"query with name {query} is a subscription" : null,
            _ => $"query with name {query} has multiple definitions.",
        };
    }

    private static string? PathProblem(JsonObject entry)
    {
        var url = entry["url"].AsText() ?? "";
        var parts = url.Split('/');
        // A slash at the end makes an empty segment, too (Hasura, REST endpoints).
        if (parts.Any(p => p is "" or ":"))
        {
            return $"Empty segments or unnamed variables are not allowed: {url}";
        }

        return parts.Where(p => p[0] == ':').GroupBy(p => p).Any(g => g.Count() > 1) ? $"Duplicate variables found in endpoint path: {url}" : null;
    }

    private static JsonObject Shown(JsonObject entry)
    {
        var shown = entry.DeepClone().AsObject();
        shown.TryAdd("comment", null);
        return shown;
    }

    private static bool Overlap(string[] left, string[] right) =>
        left.Length == right.Length && left.Zip(right).All(p => p.First == p.Second || p.First[0] == ':' || p.Second[0] == ':');
}
