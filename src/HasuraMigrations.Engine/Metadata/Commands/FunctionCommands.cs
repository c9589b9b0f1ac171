using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on functions and computed fields.</summary>
internal static class FunctionCommands
{
    /// <summary>Tracks a function; in the first version of the arguments they are its name.</summary>
    internal static void Track(CommandContext context, CommandArguments args)
    {
        var isWhole = context.Version == 1;
        var (source, name) = isWhole ? (MetadataDocument.DefaultSource, args.WholeName()) : (args.Source, args.Name("function"));
        var node = MetadataTree.SourcesOf(context.Root).FirstOrDefault(s => s.Name == source).Node ?? throw MetadataCommandException.NotExists($"\"{source}\" is not a known postgres source");
        if (context.Before.Functions.ContainsKey((source, name)))
        {
            throw new MetadataCommandException("already-tracked", $"function already tracked{context.Era.Colon}\"{name.InMessage()}\"");
        }

        if (context.Before.FindTable(source, name) is not null)
        {
            throw new MetadataCommandException("not-supported", $"table with name \"{name.InMessage()}\" already exists");
        }

        var entry = new JsonObject { ["function"] = name.Written() };
        foreach (var (key, value) in isWhole ? [] : args.Copy("configuration", "comment"))
        {
            entry[key] = value?.DeepClone();
        }

        // An inconsistent function is tracked anew, but version 1 still has its row.
        if (context.Era.IsVersion1 && MetadataTree.FunctionsOf(node).Any(f => f.Name == name))
        {
            throw MetadataCommandException.CatalogQuery();
        }

        ObjectRemover.RemoveFunction(node, name);
        node.ListAt("functions").Add(KnownKeys.OfSource(entry, "functions"));
        context.Build(ObjectId.OfFunction(source, name));
    }

    /// <summary>Untracks a function.</summary>
    internal static void Untrack(CommandContext context, CommandArguments args)
    {
        // Servers tell the two forms of the arguments by the source alone (Hasura 2.48).
        var isWhole = context.Era.IsVersion1 || args.Node.Get("source") is null;
        var (source, name) = isWhole ? (MetadataDocument.DefaultSource, args.WholeName()) : (args.Source, args.Name("function"));
        _ = Find(context, source, name);
        ObjectRemover.RemoveFunction(context.Source(source), name);
    }

    /// <summary>Sets the configuration of a function.</summary>
    internal static void SetCustomization(CommandContext context, CommandArguments args)
    {
        var (source, name, configuration) = (args.Source, args.Name("function"), args.Object("configuration"));
        Find(context, source, name)["configuration"] = KnownKeys.Only(configuration, TableShapes.Function.Find("configuration")!.Shape);
        context.Build(ObjectId.OfFunction(source, name));
    }

    /// <summary>Lets a role call a function.</summary>
    internal static void CreatePermission(CommandContext context, CommandArguments args)
    {
        var (source, name, role) = (args.Source, args.Name("function"), args.Text("role"));
        var entry = Find(context, source, name);
        if (entry.EntryAt("permissions", "role", role) is not null)
        {
            throw MetadataCommandException.Exists($"permission of role \"{role}\" already exists for function \"{name.InMessage()}\" in source: \"{source}\"");
        }

        if (context.Before.Functions[(source, name)] is { } table && !context.Before.HasPermission(new ObjectId(ObjectKind.Permission, source, table, "select", role)))
        {
            throw new MetadataCommandException("not-supported", $"function permission can only be added when the function's return table \"{table.InMessage()}\" has select permission configured for role: \"{role}\"");
        }

        entry.ListAt("permissions").Add((JsonNode)new JsonObject { ["role"] = role });
        context.Build(new ObjectId(ObjectKind.FunctionPermission, source, name, "", role));
    }

    /// <summary>Takes a role the right to call a function.</summary>
    internal static void DropPermission(CommandContext context, CommandArguments args)
    {
        var (source, name, role) = (args.Source, args.Name("function"), args.Text("role"));
        (Find(context, source, name).EntryAt("permissions", "role", role)
            ?? throw MetadataCommandException.NotExists($"permission of role \"{role}\" does not exist for function \"{name.InMessage()}\" in source: \"{source}\"")).Detach();
    }

    /// <summary>Adds a computed field.</summary>
    internal static void AddComputedField(CommandContext context, CommandArguments args)
    {
        var (source, table, name) = (args.Source, args.Name("table"), args.Text("name"));
        _ = args.Of("definition").Name("function");
        var info = context.Table(source, table, "$.table");
        if (info.Node.EntryAt("computed_fields", "name", name) is not null && context.Era.IsVersion1)
        {
            throw MetadataCommandException.CatalogQuery();
        }

        var node = context.TableNode(source, table);
        node.EntryAt("computed_fields", "name", name)?.Detach();
        var entry = args.Copy("name", "definition", "comment");
        node.ListAt("computed_fields").Add(KnownKeys.OfTable(entry, "computed_fields"));
        context.Build(new ObjectId(ObjectKind.ComputedField, source, table, name));
    }

    /// <summary>Drops a computed field.</summary>
    internal static void DropComputedField(CommandContext context, CommandArguments args)
    {
        var (source, table, name, cascade) = (args.Source, args.Name("table"), args.Text("name"), args.Flag("cascade"));
        var info = context.Table(source, table, "$.table");
        if (info.Fields.GetValueOrDefault(name) is not ComputedFieldInfo || context.TableNode(source, table).EntryAt("computed_fields", "name", name) is not { } entry)
        {
            throw MetadataCommandException.NotExists($"computed field \"{name}\" does not exist", "$.name");
        }

        context.DropDependents(context.Before.DependentsOf(new ObjectId(ObjectKind.ComputedField, source, table, name)), cascade);
        entry.Detach();
    }

    private static JsonObject Find(CommandContext context, string source, QualifiedName name)
    {
        var node = context.Source(source);
        var found = MetadataTree.FunctionsOf(node).FirstOrDefault(f => f.Name == name).Node;
        if (found is null || !context.Before.Functions.ContainsKey((source, name)))
        {
            throw MetadataCommandException.NotExists(context.Era.IsVersion1 ? $"function not found in cache \"{name.InMessage()}\"" : $"function \"{name.InMessage()}\" does not exist in source: {source}");
        }

        return found;
    }
}
