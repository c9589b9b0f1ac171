using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>An event trigger needs its table and the columns it lists.</summary>
internal sealed class EventTriggerRules(MetadataEra era, SchemaCache cache, string source)
{
    /// <summary>The operations an event trigger may listen to.</summary>
    internal static readonly string[] Operations = ["insert", "update", "delete"];

    /// <summary>Looks at the event triggers of a source.</summary>
    internal void Build(JsonObject node)
    {
        foreach (var (name, table) in MetadataTree.TablesOf(node))
        {
            foreach (var entry in table["event_triggers"].AsObjects())
            {
                var item = ObjectOf(source, name, entry);
                if (cache.FindTable(source, name) is not null)
                {
                    // Only listed columns are needs. "*" is none: when a column is dropped, the function of the trigger is made anew
                    // (Hasura 2.48). Webhooks and headers are not validated here, since only the server knows its environment variables.
                    var columns = Operations.SelectMany(o => Columns(entry["definition"].Get(o))).Distinct();
                    cache.Keep(item, [new Need(ObjectId.OfTable(source, name)), .. columns.Select(c => new Need(ObjectId.OfColumn(source, name, c)))]);
                }
                else if (era.IsVersion1)
                {
                    // Servers 1.x report each member of an inconsistent table (Hasura 1.3.3).
                    cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, era.MissingTable(source, name));
                }
            }
        }
    }

    private static IEnumerable<string> Columns(JsonNode? operation) => operation.Get("columns").AsTexts().Concat(operation.Get("payload").AsTexts());

    private static MetadataObject ObjectOf(string source, QualifiedName table, JsonObject entry)
    {
        var name = entry["name"].AsText() ?? "";
        return new NamedObject(new ObjectId(ObjectKind.EventTrigger, source, table, name), "event_trigger", $"{name} in table {table.InMessage()} in source {source}", () => new JsonObject { ["table"] = table.Written(), ["configuration"] = entry.DeepClone() });
    }
}
