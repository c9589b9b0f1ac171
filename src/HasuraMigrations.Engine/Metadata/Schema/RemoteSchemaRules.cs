using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Remote schemas are taken as they are given: nobody is asked over the network.</summary>
internal static class RemoteSchemaRules
{
    /// <summary>Keeps the remote schemas of a document.</summary>
    internal static void Build(MetadataEra era, SchemaCache cache, JsonObject root)
    {
        foreach (var entry in root["remote_schemas"].AsObjects())
        {
            var name = entry["name"].AsText() ?? "";
            cache.Keep(new NamedObject(ObjectId.OfGlobal(ObjectKind.RemoteSchema, name), "remote_schema", name, () => entry), []);
            // Permissions of remote schemas exist since 2.0 (Hasura, remote schema permissions).
            foreach (var role in era.IsVersion1 ? [] : entry["permissions"].AsObjects().Select(p => p["role"].AsText() ?? ""))
            {
                cache.Keep(
                    new NamedObject(ObjectId.OfGlobal(ObjectKind.RemoteSchemaPermission, name, role), "remote_schema_permission", $"{role} permission in remote schema {name}", () => null),
                    [new Need(ObjectId.OfGlobal(ObjectKind.RemoteSchema, name))]);
            }
        }
    }
}
