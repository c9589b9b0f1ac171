using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on relationships, also those that leave the source.</summary>
internal static class RelationshipCommands
{
    private static readonly string[] Lists = ["object_relationships", "array_relationships"];

    /// <summary>Creates an object relationship.</summary>
    internal static void CreateObject(CommandContext context, CommandArguments args) => Create(context, args, "object_relationships");

    /// <summary>Creates an array relationship.</summary>
    internal static void CreateArray(CommandContext context, CommandArguments args) => Create(context, args, "array_relationships");

    /// <summary>Drops a relationship.</summary>
    internal static void Drop(CommandContext context, CommandArguments args)
    {
        var (source, table, name, cascade) = (args.Source, args.Name("table"), args.Text("relationship"), args.Flag("cascade"));
        var entry = Find(context, source, table, name);
        var id = new ObjectId(ObjectKind.Relationship, source, table, name);
        context.DropDependents(context.Before.DependentsOf(id), cascade);
        entry.Detach();
    }

    /// <summary>Comments a relationship.</summary>
    internal static void SetComment(CommandContext context, CommandArguments args)
    {
        var (source, table, name) = (args.Source, args.Name("table"), args.Text("relationship"));
        var entry = Find(context, source, table, name);
        entry["comment"] = args.MaybeText("comment");
    }

    /// <summary>Renames a relationship, and what permissions call it.</summary>
    internal static void Rename(CommandContext context, CommandArguments args)
    {
        var (source, table, name, newName) = (args.Source, args.Name("table"), args.Text("name"), args.Text("new_name"));
        var entry = Find(context, source, table, name);
        if (context.Table(source, table).Fields.ContainsKey(newName))
        {
            throw MetadataCommandException.Exists($"cannot rename relationship \"{name}\" to \"{newName}\" in table \"{table.InMessage()}\" as a column/relationship with the name already exists");
        }

        entry["name"] = newName;
        new FieldRename(context.Before, source, table, name, newName).RewritePermissions(context.Root);
    }

    /// <summary>Creates a relationship that leaves the source.</summary>
    internal static void CreateRemote(CommandContext context, CommandArguments args)
    {
        var (source, table, name) = (args.Source, args.Name("table"), args.Text("name"));
        var info = context.Table(source, table);
        if (context.Era.IsVersion1 && info.Node.EntryAt("remote_relationships", "name", name) is not null)
        {
            throw MetadataCommandException.CatalogQuery();
        }

        RequireFree(context, info, name);
        context.TableNode(source, table).ListAt("remote_relationships").Add(RemoteEntry(name, args));
        context.Build(new ObjectId(ObjectKind.RemoteRelationship, source, table, name));
    }

    /// <summary>Changes a relationship that leaves the source.</summary>
    internal static void UpdateRemote(CommandContext context, CommandArguments args)
    {
        var (source, table, name) = (args.Source, args.Name("table"), args.Text("name"));
        FindRemote(context, source, table, name)["definition"] = RemoteEntry(name, args)["definition"]!.DeepClone();
        context.Build(new ObjectId(ObjectKind.RemoteRelationship, source, table, name));
    }

    /// <summary>Drops a relationship that leaves the source.</summary>
    internal static void DeleteRemote(CommandContext context, CommandArguments args)
    {
        var (source, table, name) = (args.Source, args.Name("table"), args.Text("name"));
        FindRemote(context, source, table, name).Detach();
    }

    private static void Create(CommandContext context, CommandArguments args, string list)
    {
        var (source, table, name) = (args.Source, args.Name("table"), args.Text("name"));
        RequireDefinition(args.Of("using"), list == "array_relationships", context.Era);
        var info = context.Table(source, table);
        if (context.Era.IsVersion1 && Lists.Any(l => info.Node.EntryAt(l, "name", name) is not null))
        {
            throw MetadataCommandException.CatalogQuery();
        }

        RequireFree(context, info, name);
        var entry = new JsonObject { ["name"] = name, ["using"] = args.Map["using"]!.DeepClone() };
        if (args.MaybeText("comment") is { } comment)
        {
            entry["comment"] = comment;
        }

        context.TableNode(source, table).ListAt(list).Add(KnownKeys.OfTable(entry, list));
        context.Build(new ObjectId(ObjectKind.Relationship, source, table, name));
    }

    private static void RequireFree(CommandContext context, TableInfo info, string name)
    {
        if (!context.Era.IsVersion1 && info.Fields.ContainsKey(name))
        {
            throw MetadataCommandException.Exists($"field with name \"{name}\" already exists in table \"{info.Name.InMessage()}\"");
        }
    }

    private static void RequireDefinition(CommandArguments definition, bool isArray, MetadataEra era)
    {
        var keys = new[] { "foreign_key_constraint_on", "manual_configuration" }.Count(k => definition.Map[k] is not null);
        if (keys != 1)
        {
            throw MetadataCommandException.Parse(keys == 0 ? "atleast one of foreign_key_constraint_on/manual_configuration should be present" : "only one of foreign_key_constraint_on/manual_configuration should be present", definition.Path);
        }

        if (definition.Map["manual_configuration"] is not null)
        {
            var manual = definition.Of("manual_configuration");
            _ = manual.Name("remote_table");
            _ = manual.Object("column_mapping");
        }
        else if (era.IsVersion1 && !isArray)
        {
            // Before 2.0 an object relationship follows a key of one column of its own table (Hasura 1.3.3).
            _ = definition.Text("foreign_key_constraint_on");
        }
        else if (isArray || definition.Map["foreign_key_constraint_on"] is JsonObject)
        {
            var key = definition.Object("foreign_key_constraint_on");
            var foreign = definition.Of("foreign_key_constraint_on");
            _ = foreign.Name("table");
            if (key.ContainsKey("column") == key.ContainsKey("columns"))
            {
                throw MetadataCommandException.Parse("expected exactly one of 'column' or 'columns'", foreign.Path);
            }
        }
    }

    private static JsonObject Find(CommandContext context, string source, QualifiedName table, string name)
    {
        // An inconsistent relationship is not there for a server (Hasura 1.3.3 and 2.48).
        var field = context.Table(source, table).Fields.GetValueOrDefault(name);
        if (field is RelationshipField or NativeQueryField)
        {
            var node = context.TableNode(source, table);
            return Lists.Select(l => node.EntryAt(l, "name", name)).First(e => e is not null)!;
        }

        throw field is ColumnField
            ? new MetadataCommandException("unexpected-payload", $"expecting a relationship; but, \"{name}\" is a postgres column; ")
            : MetadataCommandException.NotExists($"relationship \"{name}\" does not exist");
    }

    private static JsonObject FindRemote(CommandContext context, string source, QualifiedName table, string name)
    {
        var isThere = context.Table(source, table).Fields.GetValueOrDefault(name) is RemoteField;
        return (isThere ? context.TableNode(source, table).EntryAt("remote_relationships", "name", name) : null)
            ?? throw MetadataCommandException.NotExists($"remote relationship \"{name}\" does not exist");
    }

    private static JsonNode RemoteEntry(string name, CommandArguments args) =>
        KnownKeys.OfTable(new JsonObject { ["name"] = name, ["definition"] = RemoteDefinition(args) }, "remote_relationships");

    // The old form has the definition among the arguments.
    private static JsonNode RemoteDefinition(CommandArguments args)
    {
        if (args.Map["definition"] is JsonObject definition)
        {
            return definition.DeepClone();
        }

        _ = args.Needed("remote_schema");
        _ = args.List("hasura_fields");
        _ = args.Object("remote_field");
        return args.Copy("hasura_fields", "remote_field", "remote_schema");
    }
}
