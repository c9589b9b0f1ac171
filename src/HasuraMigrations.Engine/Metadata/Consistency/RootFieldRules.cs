using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;

namespace HasuraMigrations.Engine.Metadata.Consistency;

/// <summary>No two tables, functions or actions of servers of version 2 claim one root field.</summary>
internal static class RootFieldRules
{
    private const string Query = "query_root";
    private const string Mutation = "mutation_root";
    private const string Subscription = "subscription_root";

    private static readonly (string Key, bool IsMutation, Func<string, string> Name)[] Fields =
    [
        ("select", false, t => t), ("select_aggregate", false, t => $"{t}_aggregate"), ("select_by_pk", false, t => $"{t}_by_pk"),
        ("insert", true, t => $"insert_{t}"), ("insert_one", true, t => $"insert_{t}_one"), ("update", true, t => $"update_{t}"), ("update_by_pk", true, t => $"update_{t}_by_pk"),
        ("update_many", true, t => $"update_{t}_many"), ("delete", true, t => $"delete_{t}"), ("delete_by_pk", true, t => $"delete_{t}_by_pk"),
    ];

    /// <summary>Looks at the root fields of everything that is there.</summary>
    internal static void Build(MetadataEra era, SchemaCache cache, JsonObject root)
    {
        if (era.IsVersion1 || cache.HardError is not null)
        {
            return;
        }

        var claims = new List<(string Root, string Field, string Owner)>();
        foreach (var (name, source) in CommandWords.SourcesOf(root))
        {
            var prefix = source["customization"].Get("root_fields");
            // A naming convention or a namespace changes every name; such sources are not compared.
            if (prefix.Get("namespace") is not null || source["customization"].Get("naming_convention") is not null)
            {
                continue;
            }

            string Custom(string field) => $"{prefix.Get("prefix").AsText()}{field}{prefix.Get("suffix").AsText()}";
            foreach (var info in cache.Tables.Values.Where(t => t.Source == name))
            {
                claims.AddRange(Of(info).SelectMany(f => (f.IsMutation ? new[] { Mutation } : [Subscription, Query]).Select(r => (r, Custom(f.Field), $"table {info.Name.InMessage()} in source {name}"))));
            }
        }

        claims.AddRange(root["actions"].AsObjects().Select(a => (a["definition"].Get("type").AsText() != "query" ? Mutation : Query, a["name"].AsText() ?? "", $"action {a["name"].AsText()}")));
        if (Conflict(era, claims) is { } message)
        {
            cache.HardError = new MetadataCommandException("unexpected", message, status: 500);
        }
    }

    /// <summary>The name of a table in GraphQL.</summary>
    internal static string NameOf(TableInfo info) =>
        info.Node["configuration"].Get("custom_name").AsText() ?? (info.Name.Schema == "public" ? info.Name.Name : $"{info.Name.Schema}_{info.Name.Name}");

    private static IEnumerable<(bool IsMutation, string Field)> Of(TableInfo info)
    {
        var custom = info.Node["configuration"].Get("custom_root_fields");
        foreach (var (key, isMutation, name) in Fields)
        {
            if (key.EndsWith("_by_pk", StringComparison.Ordinal) && info.Facts.PrimaryKey is null)
            {
                continue;
            }

            yield return (isMutation, custom.Get(key).AsText() ?? custom.Get(key).Get("name").AsText() ?? name(NameOf(info)));
        }
    }

    private static string? Conflict(MetadataEra era, List<(string Root, string Field, string Owner)> claims)
    {
        foreach (var group in claims.GroupBy(c => c.Root).OrderByDescending(g => g.Key, StringComparer.Ordinal))
        {
            var clashes = group.GroupBy(c => c.Field).Where(g => g.Count() > 1).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
            if (clashes.Count == 0 || (era.HasSpacedColons && group.Key == Subscription))
            {
                continue;
            }

            if (era.HasSpacedColons)
            {
                return $"found duplicate fields in selection set{(group.Key == Mutation ? " for mutation root" : "")}: {string.Join(", ", clashes.Select(c => c.Key))}";
            }

            var told = clashes.Select(g => $"'{g.Key}' defined in [{string.Join(", ", g.Select(c => c.Owner).Order(StringComparer.Ordinal))}]").ToList();
            var fields = told.Count == 1 ? $"for field {told[0]}" : $"for fields: [\n  {string.Join(",\n  ", told)}\n]";
            return $"Encountered conflicting definitions in the selection set for '{group.Key}' {fields}. Fields must not be defined more than once across all sources.";
        }

        return null;
    }
}
