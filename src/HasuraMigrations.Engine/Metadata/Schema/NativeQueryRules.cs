using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Native queries give rows of logical models; that SQL and model fit together is left to the server.</summary>
internal static class NativeQueryRules
{
    /// <summary>Keeps the logical models and native queries of a source.</summary>
    internal static void Build(SchemaCache cache, string source, JsonObject node)
    {
        foreach (var model in node["logical_models"].AsObjects())
        {
            var name = model["name"].AsText() ?? "";
            cache.Keep(new MetadataObject(Model(source, name), "logical_model", $"{name} in source {source}", () => model), []);
        }

        foreach (var query in node["native_queries"].AsObjects())
        {
            var name = query["root_field_name"].AsText() ?? "";
            cache.Keep(
                new MetadataObject(IdOf(source, name), "native_query", $"{name} in source {source}", () => query),
                // Anything but a name is a logical model written inline, which is no object of its own (Hasura, native queries).
                query["returns"].AsText() is { } returned ? [new Need(Model(source, returned))] : []);
        }
    }

    /// <summary>A native query.</summary>
    internal static ObjectId IdOf(string source, string query) => new(ObjectKind.NativeQuery, source, default, query);

    private static ObjectId Model(string source, string name) => new(ObjectKind.LogicalModel, source, default, name);
}
