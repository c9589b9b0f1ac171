using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>No two tables, functions or actions of servers of version 2 claim one root field.</summary>
internal static class RootFieldRules
{
    internal const string Query = "query_root";
    internal const string Mutation = "mutation_root";
    internal const string Subscription = "subscription_root";

    /// <summary>The servers that first had a root field; all others are in every server of version 2.</summary>
    private static readonly Dictionary<string, Version> Since = new() { ["select_stream"] = new(2, 7), ["update_many"] = new(2, 10) };

    // In the order in which a server defines them.
    private static readonly (string Key, string[] Roots, Func<string, string> Name, Func<CatalogTable, bool> IsThere)[] Fields =
    [
        ("select", [Subscription, Query], t => t, _ => true),
        ("select_aggregate", [Subscription, Query], t => $"{t}_aggregate", _ => true),
        ("select_by_pk", [Subscription, Query], t => $"{t}_by_pk", t => t.PrimaryKey is not null),
        ("select_stream", [Subscription], t => $"{t}_stream", _ => true),
        ("insert", [Mutation], t => $"insert_{t}", t => t.IsInsertable),
        ("insert_one", [Mutation], t => $"insert_{t}_one", t => t.IsInsertable),
        ("update", [Mutation], t => $"update_{t}", t => t.IsUpdatable),
        ("update_by_pk", [Mutation], t => $"update_{t}_by_pk", t => t.IsUpdatable && t.PrimaryKey is not null),
        ("update_many", [Mutation], t => $"update_{t}_many", t => t.IsUpdatable),
        // Of a view servers ask whether rows can be inserted, not whether they can be deleted (Hasura 2.48).
        ("delete", [Mutation], t => $"delete_{t}", t => t.IsInsertable),
        ("delete_by_pk", [Mutation], t => $"delete_{t}_by_pk", t => t.IsInsertable && t.PrimaryKey is not null),
    ];

    // Which one is told where several clash.
    // A server stops at the first of these root types with a clash (Hasura 2.48).
    private static readonly string[] Order = [Mutation, Subscription, Query];

    /// <summary>Looks at the root fields of everything that is there.</summary>
    /// <returns>Root types and their fields; null where not all of them are known.</returns>
    internal static IReadOnlySet<(string Root, string Field)>? Build(MetadataEra era, SchemaCache cache, JsonObject root)
    {
        if (era.IsVersion1 || cache.HardError is not null)
        {
            return null;
        }

        var isWhole = cache.Skipped.Count == 0 && !root["remote_schemas"].AsObjects().Any();
        var claims = new List<(string Root, string Field, string Owner)>();
        foreach (var (name, source) in MetadataTree.SourcesOf(root))
        {
            var prefix = source["customization"].Get("root_fields");
            // A naming convention or a namespace changes every name; such sources are not compared.
            if (prefix.Get("namespace") is not null || source["customization"].Get("naming_convention") is not null)
            {
                isWhole = false;
                continue;
            }

            isWhole &= source["kind"].AsText() is null or "postgres" or "pg" && !source["native_queries"].AsObjects().Any();
            var (first, last) = (prefix.Get("prefix").AsText(), prefix.Get("suffix").AsText());
            string Custom(string field) => first is null && last is null ? field : $"{first}{field}{last}";
            foreach (var info in cache.Tables.Values.Where(t => t.Source == name))
            {
                var owner = $"table {info.Name.InMessage()} in source {name}";
                claims.AddRange(Of(era, info).Select(f => (f.Root, Custom(f.Field), owner)));
            }

            // Functions and tables share one list, so a function clashes with a table of its name (Hasura 2.48).
            foreach (var (function, entry) in MetadataTree.FunctionsOf(source).Where(f => cache.Functions.ContainsKey((name, f.Name))))
            {
                var owner = $"function {function.InMessage()} in source {name}";
                claims.AddRange(Of(cache, name, function, entry).Select(f => (f.Root, Custom(f.Field), owner)));
            }
        }

        claims.AddRange(root["actions"].AsObjects().Select(a => (a["definition"].Get("type").AsText() != "query" ? Mutation : Query, a["name"].AsText() ?? "", $"action {a["name"].AsText()}")));
        var fields = claims.Select(c => (c.Root, c.Field)).ToHashSet();
        if (fields.Count < claims.Count && Conflict(era, claims) is { } message)
        {
            // A clash fails the whole schema; no object is inconsistent (Hasura 2.48).
            cache.HardError = new MetadataCommandException("unexpected", message, status: 500);
            return null;
        }

        // The answer of an asynchronous action is asked for by its name, too.
        var answers = from action in root["actions"].AsObjects()
                      where action["definition"].Get("kind").AsText() == "asynchronous"
                      from answered in new[] { Query, Subscription }
                      select (answered, action["name"].AsText() ?? "");
        fields.UnionWith(answers);
        return isWhole ? fields : null;
    }

    /// <summary>The name of a table in GraphQL.</summary>
    internal static string NameOf(TableInfo info) =>
        info.Node["configuration"].Get("custom_name").AsText() ?? info.Name.InGraphQL;

    private static IEnumerable<(string Root, string Field)> Of(MetadataEra era, TableInfo info)
    {
        var custom = info.Node["configuration"].Get("custom_root_fields");
        var name = NameOf(info);
        // What GraphQL cannot name is left out of the schema.
        return from field in GraphQLText.IsName(name) ? Fields : []
               where field.IsThere(info.Facts) && era.Version >= Since.GetValueOrDefault(field.Key)
               let claimed = NameIn(custom, field.Key) ?? field.Name(name)
               from root in field.Roots
               select (root, claimed);
    }

    private static IEnumerable<(string Root, string Field)> Of(SchemaCache cache, string source, QualifiedName function, JsonObject entry)
    {
        var configuration = entry["configuration"];
        var custom = configuration.Get("custom_root_fields");
        var name = configuration.Get("custom_name").AsText() ?? function.InGraphQL;
        // Without exposed_as a server decides by volatility (Hasura 2.48).
        var isMutation = (configuration.Get("exposed_as").AsText() ?? (cache.VolatileFunctions.Contains((source, function)) ? "mutation" : "query")) == "mutation";
        foreach (var root in isMutation ? new[] { Mutation } : [Subscription, Query])
        {
            yield return (root, NameIn(custom, "function") ?? name);
            if (!isMutation)
            {
                yield return (root, NameIn(custom, "function_aggregate") ?? $"{name}_aggregate");
            }
        }
    }

    private static string? NameIn(JsonNode? custom, string key) => custom.Get(key).AsText() ?? custom.Get(key).Get("name").AsText();

    private static string? Conflict(MetadataEra era, List<(string Root, string Field, string Owner)> claims)
    {
        foreach (var group in claims.GroupBy(c => c.Root).OrderBy(g => Array.IndexOf(Order, g.Key)))
        {
            // Servers name the fields in the reverse order of definition (Hasura 2.48).
            var clashes = group.GroupBy(c => c.Field).Where(g => g.Count() > 1).Reverse().ToList();
            if (clashes.Count == 0 || (era.HasSpacedColons && group.Key == Subscription))
            {
                continue;
            }

            if (era.HasSpacedColons)
            {
                return $"found duplicate fields in selection set{(group.Key == Mutation ? " for mutation root" : "")}: {string.Join(", ", clashes.Select(c => c.Key).Order(StringComparer.Ordinal))}";
            }

            var told = clashes.Select(g => $"'{g.Key}' defined in [{string.Join(", ", g.Select(c => c.Owner).Order(StringComparer.Ordinal))}]").ToList();
            var fields = told.Count == 1 ? $"for field {told[0]}" : $"for fields: [\n  {string.Join(",\n  ", told)}\n]";
            return $"Encountered conflicting definitions in the selection set for '{group.Key}' {fields}. Fields must not be defined more than once across all sources.";
        }

        return null;
    }
}
