using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>A relationship to another source or a remote schema leaves from columns that are there. What is on the other
/// side of a remote schema is not asked.</summary>
internal static class RemoteRelationshipRules
{
    /// <summary>The field.</summary>
    /// <exception cref="RuleException">It cannot be built.</exception>
    internal static RemoteField Read(MetadataEra era, SchemaCache cache, TableInfo table, JsonObject entry, List<Need> needs)
    {
        // The commands of servers 1.x have these members beside the name, without a definition (Hasura 1.3.3).
        var definition = entry["definition"] ?? entry;
        if (definition["to_source"] is JsonObject target)
        {
            ToSource(era, cache, table, target, needs);
        }
        else
        {
            // Servers still accept the form of 1.x with hasura_fields, directly in the definition (Hasura 1.3.3 and 2.48).
            var remote = definition["to_remote_schema"] as JsonObject ?? definition;
            needs.AddRange((remote["lhs_fields"] ?? remote["hasura_fields"]).AsTexts().Select(f => FieldNeed(table, f)));
            var schema = ObjectId.OfGlobal(ObjectKind.RemoteSchema, remote["remote_schema"].AsText() ?? "");
            if (!era.IsVersion1 && !cache.Objects.ContainsKey(schema))
            {
                throw new RuleException($"remote schema with name \"{schema.Name}\" not found");
            }

            needs.Add(new Need(schema));
        }

        return new RemoteField(entry["name"].AsText() ?? "");
    }

    private static void ToSource(MetadataEra era, SchemaCache cache, TableInfo table, JsonObject target, List<Need> needs)
    {
        var (source, name) = (target["source"].AsText() ?? "", QualifiedName.Read(target["table"]) ?? default);
        if (cache.Skipped.Contains(source) || cache.OtherKinds.Contains(source))
        {
            needs.AddRange((target["field_mapping"] as JsonObject ?? []).Select(m => FieldNeed(table, m.Key)));
            return;
        }

        if (!cache.Sources.Contains(source))
        {
            throw new RuleException($"source not found: \"{source}\"");
        }

        if (cache.FindTable(source, name) is not { } far)
        {
            throw new RuleException(era.MissingTable(source, name));
        }

        if ((target["field_mapping"] as JsonObject ?? []).Any(m => far.EnumColumns.ContainsKey(m.Value.AsText() ?? "")))
        {
            throw new RuleException("relationships to enum fields are not supported yet");
        }

        needs.Add(new Need(ObjectId.OfTable(source, name)));
        foreach (var (local, remote) in target["field_mapping"] as JsonObject ?? [])
        {
            needs.Add(FieldNeed(table, local));
            needs.Add(new Need(ObjectId.OfColumn(source, name, remote.AsText() ?? "")));
        }
    }

    private static Need FieldNeed(TableInfo table, string field) =>
        // A computed field may be used like a column (Hasura 2.48). The fields of the table are not complete at this stage.
        new(table.Node["computed_fields"].AsObjects().Any(f => f["name"].AsText() == field)
            ? new ObjectId(ObjectKind.ComputedField, table.Source, table.Name, field)
            : ObjectId.OfColumn(table.Source, table.Name, field));
}
