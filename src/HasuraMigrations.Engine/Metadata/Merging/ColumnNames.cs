using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>
/// The names of columns, which the configuration of a table has in two maps that mirror each other, one of them since version
/// 2.5 of servers. They are merged as one.
/// </summary>
internal static class ColumnNames
{
    /// <summary>Noun of the shape that has them.</summary>
    internal const string Owner = "table configuration";

    private const string Newer = "column_config";
    private const string Older = "custom_column_names";

    private static readonly ObjectShape Shape = (ObjectShape)TableShapes.Table.Find("configuration")!.Shape;

    /// <summary>A configuration whose names are in the newer map alone.</summary>
    internal static JsonObject? One(JsonObject? configuration)
    {
        if (configuration is null)
        {
            return null;
        }

        var one = configuration.DeepClone().AsObject();
        NormalForms.Apply(one, Shape, isCanonical: true);
        return one;
    }

    /// <summary>Writes the maps again that the sides have.</summary>
    internal static void Restore(JsonObject merged, JsonObject ours, JsonObject theirs)
    {
        if (ours[Older] is not JsonObject && theirs[Older] is not JsonObject)
        {
            return;
        }

        var hadNewer = ours[Newer] is JsonObject || theirs[Newer] is JsonObject;
        merged[Newer] ??= new JsonObject();
        merged[Older] = new JsonObject();
        NormalForms.Apply(merged, Shape, isCanonical: false);
        // A server before 2.5 knows the older map alone.
        if (!hadNewer && merged[Newer]!.AsObject().All(c => c.Value is JsonObject { Count: 1 } entry && entry.ContainsKey("custom_name")))
        {
            merged.Remove(Newer);
        }
    }
}
