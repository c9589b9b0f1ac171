using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on tables and views.</summary>
internal static class TableCommands
{
    /// <summary>Tracks a table; its name may stand for all arguments.</summary>
    internal static void Track(CommandContext context, CommandArguments args)
    {
        var isWhole = args.Node is not JsonObject map || !map.ContainsKey("table");
        var (source, name) = isWhole ? (MetadataDocument.DefaultSource, args.WholeName()) : (args.Source, args.Name("table"));
        var entry = new JsonObject { ["table"] = name.Written() };
        if (!isWhole)
        {
            if (args.Flag("is_enum"))
            {
                entry["is_enum"] = true;
            }

            // The first version of the arguments has no configuration, and servers of version 1 know no federation (Hasura, track_table).
            string[] copied = [.. context.Version == 1 ? [] : new[] { "configuration" }, .. context.Era.IsVersion1 ? [] : new[] { "apollo_federation_config" }];
            foreach (var (key, value) in args.Copy(copied))
            {
                entry[key] = value?.DeepClone();
            }
        }

        Add(context, source, name, KnownKeys.Only(entry, TableShapes.Table)!.AsObject());
    }

    /// <summary>Tracks several tables, as many as go.</summary>
    internal static void TrackMany(CommandContext context, CommandArguments args) =>
        Many(context, args, "track", one =>
        {
            var built = new CommandContext(context.State.With(context.Root), version: 2);
            Track(built, one);
            return built.Root;
        });

    /// <summary>Untracks several tables, as many as go.</summary>
    internal static void UntrackMany(CommandContext context, CommandArguments args)
    {
        var listed = args.List("tables").AsObjects().Select(t => (t["source"].AsText() ?? MetadataDocument.DefaultSource, QualifiedName.Read(t["table"]) ?? default)).ToHashSet();
        Many(context, args, "untrack", one =>
        {
            var built = new CommandContext(context.State.With(context.Root), version: 2);
            Untrack(built, one, listed);
            return built.Root;
        });
    }

    /// <summary>Untracks a table.</summary>
    internal static void Untrack(CommandContext context, CommandArguments args) => Untrack(context, args, []);

    /// <summary>Says whether a table is an enum table.</summary>
    internal static void SetIsEnum(CommandContext context, CommandArguments args)
    {
        var (source, name, isEnum) = (args.Source, args.Name("table"), args.NeededFlag("is_enum"));
        _ = context.Table(source, name);
        context.TableNode(source, name)["is_enum"] = isEnum;
        context.Build(ObjectId.OfTable(source, name));
    }

    /// <summary>Sets names of root fields and columns.</summary>
    internal static void SetCustomFields(CommandContext context, CommandArguments args)
    {
        var (source, name) = (args.Source, args.Name("table"));
        _ = context.Table(source, name);
        Configure(context, source, name, args.Copy("custom_root_fields", "custom_column_names"));
    }

    /// <summary>Sets the configuration of a table.</summary>
    internal static void SetCustomization(CommandContext context, CommandArguments args)
    {
        var (source, name, configuration) = (args.Source, args.Name("table"), args.Object("configuration"));
        _ = context.Table(source, name);
        Configure(context, source, name, configuration);
    }

    /// <summary>Sets what Apollo federation is told of a table.</summary>
    internal static void SetApollo(CommandContext context, CommandArguments args)
    {
        var (source, name) = (args.Source, args.Name("table"));
        _ = context.Table(source, name);
        var node = context.TableNode(source, name);
        node.Remove("apollo_federation_config");
        if (args.Map["apollo_federation_config"] is { } value)
        {
            node["apollo_federation_config"] = value.DeepClone();
        }

        context.Build(ObjectId.OfTable(source, name));
    }

    private static void Add(CommandContext context, string source, QualifiedName name, JsonObject entry)
    {
        var node = context.Source(source);
        if (context.Before.FindTable(source, name) is not null || SystemTables.Contains(context.Era, name))
        {
            throw new MetadataCommandException("already-tracked", $"view/table already tracked{context.Era.Colon}\"{name.InMessage()}\"");
        }

        if (context.Before.Functions.ContainsKey((source, name)))
        {
            throw new MetadataCommandException("not-supported", $"function with name \"{name.InMessage()}\" already exists");
        }

        // An inconsistent table is tracked anew, but version 1 still has its row.
        if (context.FindTableNode(source, name) is { } present)
        {
            if (context.Era.IsVersion1)
            {
                throw MetadataCommandException.CatalogQuery();
            }

            present.Detach();
        }

        node.ListAt("tables").Add(entry);
        context.Build(ObjectId.OfTable(source, name));
    }

    private static void Untrack(CommandContext context, CommandArguments args, HashSet<(string Source, QualifiedName Table)> together)
    {
        var (source, name, cascade) = (args.Source, args.Name("table"), args.Flag("cascade"));
        _ = context.Source(source);
        if (SystemTables.Contains(context.Era, name))
        {
            throw new MetadataCommandException("not-supported", $"\"{name.InMessage()}\" is system defined, cannot untrack");
        }

        // An inconsistent table is not there for a server, which leaves it to drop_inconsistent_metadata (Hasura 1.3.3 and 2.48).
        if (context.Before.FindTable(source, name) is null)
        {
            throw new MetadataCommandException("already-untracked", $"view/table already untracked{context.Era.Colon}\"{name.InMessage()}\"");
        }

        var table = ObjectId.OfTable(source, name);
        context.DropDependents(context.Before.DependentsOf(table).Where(d => !d.IsWithin(table) && !together.Contains((d.Source, d.Table))), cascade);
        context.FindTableNode(source, name)?.Detach();
    }

    private static void Configure(CommandContext context, string source, QualifiedName name, JsonObject configuration)
    {
        context.TableNode(source, name)["configuration"] = KnownKeys.OfTable(configuration, "configuration");
        context.Build(ObjectId.OfTable(source, name));
    }

    private static void Many(CommandContext context, CommandArguments args, string verb, Func<CommandArguments, JsonObject> run)
    {
        var items = args.List("tables");
        var allowsWarnings = args.Flag("allow_warnings", byDefault: true);
        var names = items.Select((t, i) => (Source: t.Get("source").AsText() ?? MetadataDocument.DefaultSource, Name: new CommandArguments(context.Era, t, $"{args.Path}.tables[{i}]").Name("table"))).ToList();
        var doubles = names.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => $"{g.Key.Source}.{g.Key.Name.InMessage()}").ToList();
        if (doubles.Count > 0)
        {
            throw new MetadataCommandException("bad-request", $"The following tables occur more than once in the request: {string.Join(", ", doubles)}", "$.tables");
        }

        var warnings = new JsonArray();
        for (var i = 0; i < items.Count; i++)
        {
            try
            {
                context.Replace(Accepted(context, run(new CommandArguments(context.Era, items[i], $"{args.Path}.tables[{i}]")), verb, names[i]));
            }
            catch (MetadataCommandException e)
            {
                warnings.Add((JsonNode)new JsonObject { ["code"] = $"{verb}-table-failed", ["message"] = e.Message, ["type"] = "table", ["name"] = $"table {names[i].Name.InMessage()} in source {names[i].Source}" });
            }
        }

        if (warnings.Count > 0 && warnings.Count == items.Count)
        {
            throw new MetadataCommandException("invalid-configuration", $"all tables failed to {verb}", details: warnings);
        }

        Warnings.Require(warnings, allowsWarnings);
        context.Answer = _ => Warnings.Success(warnings);
    }

    private static JsonObject Accepted(CommandContext context, JsonObject root, string verb, (string Source, QualifiedName Name) table)
    {
        var after = context.State.With(root).Cache;
        var id = ObjectId.OfTable(table.Source, table.Name);
        return verb == "track" && after.Inconsistencies.Found.FirstOrDefault(i => i.Id == id) is { } broken
            ? throw new MetadataCommandException("invalid-configuration", broken.Reason)
            : root;
    }
}
