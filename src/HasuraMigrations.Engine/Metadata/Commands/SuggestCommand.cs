using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands that tell what a database has to offer.</summary>
internal static class SuggestCommand
{
    /// <summary>Relationships that foreign keys between tracked tables would make.</summary>
    internal static void Suggest(CommandContext context, CommandArguments args)
    {
        var (source, omits) = (args.Source, args.Flag("omit_tracked"));
        var listed = args.Map["tables"] is JsonArray tables ? tables.Select(t => QualifiedName.Read(t)).ToHashSet() : null;
        _ = context.Source(source);
        var found = new JsonArray();
        foreach (var info in context.Before.Tables.Values.Where(t => t.Source == source).OrderBy(t => t.Name))
        {
            foreach (var key in info.Facts.ForeignKeys)
            {
                var target = context.Before.FindTable(source, new QualifiedName(key.Target.Schema, key.Target.Name));
                if (target is not null && (listed is null || listed.Contains(info.Name) || listed.Contains(target.Name)))
                {
                    Add(found, info, target, key, omits);
                }
            }
        }

        context.Answer = _ => new JsonObject { ["relationships"] = found };
    }

    /// <summary>Tables and views of a database.</summary>
    internal static void SourceTables(CommandContext context, CommandArguments args)
    {
        var source = args.Source;
        var tables = Tables(Catalog(context, source));
        context.Answer = _ => tables;
    }

    /// <summary>Tables, views and functions of a database that can be tracked.</summary>
    internal static void SourceTrackables(CommandContext context, CommandArguments args)
    {
        var catalog = Catalog(context, args.Source);
        var tables = Tables(catalog);
        var rows = catalog.Tables.Select(t => t.Name).ToHashSet();
        // Only what returns rows of a table is a function to a server.
        var functions = catalog.Facts.Functions.Where(f => !FunctionRules.IsHidden(context.Era, new QualifiedName(f.Name.Schema, f.Name.Name)) && !f.IsVariadic && rows.Contains(f.Returns)).Select(f => Name(f.Name)).DistinctBy(n => n.ToText()).ToArray<JsonNode>();
        context.Answer = _ => new JsonObject { ["tables"] = tables, ["functions"] = new JsonArray(functions) };
    }

    private static DatabaseCatalog Catalog(CommandContext context, string source) =>
        context.State.Facts.GetValueOrDefault(source)?.Catalog ?? throw new MetadataCommandException("data-connector-error", $"Source '{source}' not found");

    private static JsonArray Tables(DatabaseCatalog catalog) =>
        new([.. catalog.Tables.Where(t => !t.IsPartition && !TableRules.IsHidden(t.Name.Schema)).Select(t => Name(t.Name))]);

    private static JsonNode Name(CatalogName name) => new QualifiedName(name.Schema, name.Name).Written();

    private static void Add(JsonArray found, TableInfo info, TableInfo target, CatalogForeignKey key, bool omits)
    {
        JsonObject Side(TableInfo table, IReadOnlyList<string> columns, bool owns)
        {
            var side = new JsonObject { ["table"] = table.Name.Written(), ["columns"] = new JsonArray([.. columns.Select(c => (JsonNode)c)]) };
            if (owns)
            {
                side["constraint_name"] = key.Name;
            }

            return side;
        }

        if (!omits || !IsTracked(info, target, key.Columns, key.TargetColumns))
        {
            found.Add((JsonNode)new JsonObject { ["type"] = "object", ["from"] = Side(info, key.Columns, true), ["to"] = Side(target, key.TargetColumns, false) });
        }

        if (!omits || !IsTracked(target, info, key.TargetColumns, key.Columns))
        {
            var isUnique = info.Facts.UniqueKeys.Any(u => u.Columns.ToHashSet().SetEquals(key.Columns));
            found.Add((JsonNode)new JsonObject { ["type"] = isUnique ? "object" : "array", ["from"] = Side(target, key.TargetColumns, false), ["to"] = Side(info, key.Columns, true) });
        }
    }

    private static bool IsTracked(TableInfo from, TableInfo to, IReadOnlyList<string> columns, IReadOnlyList<string> targets) =>
        from.Fields.Values.OfType<RelationshipField>().Any(r => r.Target == to.Name && r.Columns.ToHashSet().SetEquals(columns.Zip(targets)));
}
