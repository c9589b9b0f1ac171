using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;

namespace HasuraMigrations.Engine.Metadata.Consistency;

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
            var item = new MetadataObject(ObjectId.OfGlobal(ObjectKind.RestEndpoint, name), "rest_endpoint", name, entry);
            if (Problem(root, entry) is { } reason)
            {
                cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, $"in endpoint {name}: {reason}");
            }
            else if (PathProblem(entry) is { } told)
            {
                cache.Inconsistencies.Add(item.Id, told, new JsonObject { ["type"] = item.Type, ["name"] = name, ["definition"] = entry.DeepClone(), ["reason"] = told });
            }
            else
            {
                good.Add((item, (entry["url"].AsText() ?? "").Split('/'), entry));
            }
        }

        foreach (var (item, path, node) in good)
        {
            var rivals = good.Where(o => ReferenceEquals(o.Node, node) || (Overlap(o.Path, path) && o.Node["methods"].AsTexts().Intersect(node["methods"].AsTexts()).Any())).ToList();
            if (rivals.Count == 1)
            {
                cache.Keep(item, []);
                continue;
            }

            var reason = $"Ambiguous URL paths{era.Colon}{string.Join(", ", rivals.Select(r => r.Node["url"].AsText()).Distinct().Order(StringComparer.Ordinal))}";
            cache.Inconsistencies.Add(item.Id, reason, new JsonObject { ["reason"] = reason, ["conflicts"] = new JsonArray([.. rivals.Select(r => r.Node.DeepClone())]) });
        }
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

        return text["query"].AsText()?.TrimStart().StartsWith("subscription", StringComparison.Ordinal) == true ? $"query with name {query} is a subscription" : null;
    }

    private static string? PathProblem(JsonObject entry)
    {
        var url = entry["url"].AsText() ?? "";
        var parts = url.Split('/');
        if (parts.Any(p => p is "" or ":"))
        {
            return $"Empty segments or unnamed variables are not allowed: {url}";
        }

        return parts.Where(p => p[0] == ':').GroupBy(p => p).Any(g => g.Count() > 1) ? $"Duplicate variables found in endpoint path: {url}" : null;
    }

    private static bool Overlap(string[] left, string[] right) =>
        left.Length == right.Length && left.Zip(right).All(p => p.First == p.Second || p.First[0] == ':' || p.Second[0] == ':');
}
