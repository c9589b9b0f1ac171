using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Native queries give rows of logical models. A server has the database prepare each, and compares its columns with the model (Hasura, native queries).</summary>
internal static class NativeQueryRules
{
    /// <summary>Keeps the logical models and native queries of a source.</summary>
    internal static void Build(SchemaCache cache, string source, JsonObject node, DatabaseCatalog catalog)
    {
        foreach (var model in node["logical_models"].AsObjects())
        {
            var name = model["name"].AsText() ?? "";
            cache.Keep(new NamedObject(Model(source, name), "logical_model", $"{name} in source {source}", () => model), []);
        }

        foreach (var query in node["native_queries"].AsObjects())
        {
            var name = query["root_field_name"].AsText() ?? "";
            var item = new NamedObject(IdOf(source, name), "native_query", $"{name} in source {source}", () => query);
            if (Problem(query, node, catalog) is { } reason)
            {
                cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, $"in native query \"{name}\": {reason}");
                continue;
            }

            // Anything but a name is a logical model written inline, which is no object of its own (Hasura, native queries).
            cache.Keep(item, query["returns"].AsText() is { } returned ? [new Need(Model(source, returned))] : []);
        }
    }

    /// <summary>A native query.</summary>
    internal static ObjectId IdOf(string source, string query) => new(ObjectKind.NativeQuery, source, default, query);

    /// <summary>Why a server would not have a native query; null for nothing, or where the database was not asked.</summary>
    /// <param name="query">The native query.</param>
    /// <param name="node">What has the logical models.</param>
    /// <param name="catalog">The catalog of its database.</param>
    internal static string? Problem(JsonObject query, JsonObject node, DatabaseCatalog catalog)
    {
        if (NativeQueryText.Of(query, node) is not { } text || catalog.FindTrial(text) is not { } trial)
        {
            return null;
        }

        if (trial.Error is { } error)
        {
            return $"the database cannot prepare the query: {error}";
        }

        foreach (var ((column, expected), actual) in NativeQueryText.ColumnsOf(query, node).Zip(trial.Types ?? []))
        {
            // Several types of a database are one type of the API, and of others nothing is known here.
            if (expected is not null && PostgresScalar.Of(expected) is { IsKnown: true } wanted && PostgresScalar.Of(actual) is { IsKnown: true } found && wanted.Name != found.Name)
            {
                return $"the column \"{column}\" is of the type {found.Text}, and the logical model says {wanted.Text}";
            }
        }

        return null;
    }

    private static ObjectId Model(string source, string name) => new(ObjectKind.LogicalModel, source, default, name);
}
