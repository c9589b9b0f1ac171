using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Metadata.Checking;

/// <summary>Warns of secrets that stand in the document as text.</summary>
internal sealed class SecretInspector(MetadataDocument document, FindingWriter findings)
{
    internal void Inspect() => Inspect(document.Root, "");

    private void Inspect(JsonNode? node, string key)
    {
        switch (node)
        {
            case JsonObject map:
                InspectObject(map);
                foreach (var (name, value) in map)
                {
                    Inspect(value, name);
                }

                break;
            case JsonArray list:
                foreach (var entry in list)
                {
                    // Tables are what makes a document large.
                    Inspect(entry is JsonObject table && key == "tables" ? document.LookAt(table) : entry, "");
                }

                break;
        }
    }

    private void InspectObject(JsonObject map)
    {
        if (map["database_url"].AsText() is { } url && !SecretMask.IsTemplate(url) && SecretText.HoldsPassword(url))
        {
            findings.Warning("MetadataSecret", map["database_url"], "The metadata contains a database URL with a password in plain text.", "Store it in an environment variable and refer to it with from_env.");
        }

        if (map["name"].AsText() is { } name && map["value"].AsText() is { Length: > 0 } value && !SecretMask.IsTemplate(value) && SecretText.IsSecretName(name))
        {
            findings.Warning("MetadataSecret", map["value"], $"The metadata contains the value of the header '{name}' in plain text.", "Store it in an environment variable and refer to it with value_from_env.");
        }
    }
}
