using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Removes an object of any kind from a document.</summary>
internal static class ObjectRemover
{
    /// <summary>Removes an object; nothing happens where it is not there.</summary>
    internal static void Remove(JsonObject root, ObjectId id)
    {
        switch (id.Kind)
        {
            case ObjectKind.CollectionQuery:
                RemoveQuery(root, id);
                break;
            case ObjectKind.CustomTypes:
                root.Remove("custom_types");
                break;
            case ObjectKind.OpenTelemetry:
                root.Remove("opentelemetry");
                break;
            default:
                foreach (var entry in ObjectFinder.Find(root, id).ToList())
                {
                    entry.Detach();
                }

                break;
        }
    }

    /// <summary>Removes a tracked function.</summary>
    internal static void RemoveFunction(JsonObject source, QualifiedName name) => ObjectFinder.Function(source, name)?.Detach();

    // An endpoint is nothing without its query. The list stays, though it may be empty.
    private static void RemoveQuery(JsonObject root, ObjectId id)
    {
        foreach (var endpoint in root["rest_endpoints"].AsObjects().Where(e => e["definition"].Get("query") is { } used && used.Get("collection_name").AsText() == id.Name && used.Get("query_name").AsText() == id.Role).ToList())
        {
            endpoint.Detach();
        }

        foreach (var query in ObjectFinder.Find(root, id).ToList())
        {
            query.Parent!.AsArray().Remove(query);
        }
    }
}
