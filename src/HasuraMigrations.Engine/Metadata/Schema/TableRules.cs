using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>A tracked table is there, its configuration fits its columns, and an enum table can be one.</summary>
internal sealed class TableRules(MetadataEra era, SchemaCache cache, string source, DatabaseCatalog catalog)
{
    /// <summary>Schemas no server of version 2 looks into.</summary>
    internal static bool IsHidden(string schema) =>
        schema.StartsWith("pg_", StringComparison.Ordinal) || schema is "information_schema" or "hdb_catalog" or "hdb_lib" or "_timescaledb_internal";

    /// <summary>Looks at the tables of a source.</summary>
    internal void Build(JsonObject node)
    {
        foreach (var group in MetadataTree.TablesOf(node).GroupBy(t => t.Name))
        {
            try
            {
                var info = Read(group.Key, group.First().Node, group.Count());
                cache.Tables[(source, group.Key)] = info;
                cache.Keep(ObjectOf(group.Key), []);
            }
            catch (RuleException e)
            {
                var broken = ObjectOf(group.Key);
                cache.Inconsistencies.Add(broken.Id, broken.Type, broken.Name, broken.Definition, e.Message);
            }
        }

        // Servers resolve references to enum tables after all other checks of tables: the enum tables have to be valid first (Hasura 2.48).
        foreach (var info in cache.Tables.Values.Where(t => t.Source == source).ToList())
        {
            FindEnumColumns(info);
        }
    }

    private NamedObject ObjectOf(QualifiedName name) =>
        new(ObjectId.OfTable(source, name), "table", $"{name.InMessage()} in source {source}", () => name.Written());

    private TableInfo Read(QualifiedName name, JsonObject node, int count)
    {
        if (count > 1)
        {
            throw new RuleException("duplication definition for table");
        }

        // Servers 1.x track their own catalog tables, so no schema is hidden (Hasura 1.3.3).
        if ((!era.IsVersion1 && IsHidden(name.Schema)) || catalog.FindTable(name.Schema, name.Name) is not { } facts)
        {
            throw new RuleException(era.IsVersion1 ? $"no such table/view exists in postgres: \"{name.InMessage()}\"" : $"no such table/view exists in source: \"{name.InMessage()}\"");
        }

        var info = new TableInfo(source, name, node, facts, catalog);
        // Servers validate the enum table before the configuration of its columns (Hasura 2.48).
        if (node["is_enum"] is JsonValue flag && flag.TryGetValue<bool>(out var isEnum) && isEnum)
        {
            info.EnumValues = EnumTableRules.Read(name, facts, catalog);
        }

        ReadNames(info);
        return info;
    }

    private void ReadNames(TableInfo info)
    {
        foreach (var (column, custom) in CustomNames(info.Node["configuration"]))
        {
            if (info.Facts.FindColumn(column) is null)
            {
                // Servers 1.x can configure only the name of a column, which their text repeats (Hasura 1.3.3).
                throw new RuleException(era.IsVersion1
                    ? $"the custom field name \"{custom}\" was given for the column \"{column}\", but no such column exists"
                    : $"configuration was given for the column \"{column}\", but no such column exists");
            }

            if (custom is not null)
            {
                info.CustomNames[column] = custom;
            }
        }

        var clash = info.Facts.Columns.GroupBy(c => info.CustomNames.GetValueOrDefault(c.Name, c.Name)).FirstOrDefault(g => g.Count() > 1);
        if (clash is not null)
        {
            var columns = clash.Select(c => $"\"{c.Name}\"").ToList();
            throw new RuleException($"the definitions of columns {string.Join(", ", columns.SkipLast(1))} and {columns[^1]} are in conflict: they are mapped to the same field name, \"{clash.Key}\"");
        }
    }

    /// <summary>Custom names of columns, of the new form before the old one; null where only something else is configured.</summary>
    internal static Dictionary<string, string?> CustomNames(JsonNode? configuration)
    {
        var names = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (column, value) in configuration.Get("custom_column_names") as JsonObject ?? [])
        {
            names[column] = value.AsText();
        }

        // Since 2.5 servers merge the old form into column_config, whose names win (Hasura, table configuration).
        foreach (var (column, value) in configuration.Get("column_config") as JsonObject ?? [])
        {
            names[column] = value.Get("custom_name").AsText() ?? names.GetValueOrDefault(column);
        }

        return names;
    }

    private void FindEnumColumns(TableInfo info)
    {
        // Only a foreign key of one column, to the primary key of an enum table, makes a column an enum (Hasura, enum tables).
        var references =
            from key in info.Facts.ForeignKeys
            where key.Columns.Count == 1
            let target = new QualifiedName(key.Target.Schema, key.Target.Name)
            let table = cache.FindTable(source, target)
            where table?.EnumValues is not null && table.Facts.PrimaryKey?.Columns.SequenceEqual(key.TargetColumns) == true
            select (Column: key.Columns[0], Table: target, table.EnumValues);
        foreach (var group in references.GroupBy(r => r.Column))
        {
            var tables = group.Select(g => g.Table).Distinct().Order().ToList();
            if (tables.Count > 1)
            {
                cache.Tables.Remove((source, info.Name));
                cache.Objects.Remove(ObjectId.OfTable(source, info.Name));
                var broken = ObjectOf(info.Name);
                cache.Inconsistencies.Add(broken.Id, broken.Type, broken.Name, broken.Definition, $"column \"{group.Key}\" in table \"{info.Name.InMessage()}\" references multiple enum tables ({string.Join(", ", tables.Select(t => $"\"{t.InMessage()}\""))})");
                return;
            }

            info.EnumColumns[group.Key] = (group.First().Table, group.First().EnumValues!);
        }
    }
}
