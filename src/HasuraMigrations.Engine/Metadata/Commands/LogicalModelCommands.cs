using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on logical models.</summary>
internal static class LogicalModelCommands
{
    /// <summary>Tracks a logical model.</summary>
    internal static void Track(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        _ = args.List("fields");
        var source = Source(context, args, "Source {0} not found.");
        if (source.EntryAt("logical_models", "name", name) is not null)
        {
            throw new MetadataCommandException("already-tracked", $"Logical model '{name}' is already tracked.");
        }

        source.ListAt("logical_models").Add(KnownKeys.OfSource(args.Copy("name", "fields", "description"), "logical_models"));
    }

    /// <summary>Untracks a logical model.</summary>
    internal static void Untrack(CommandContext context, CommandArguments args) =>
        Find(Source(context, args, "Source {0} not found."), args.Source, args.Text("name")).Detach();

    /// <summary>Lists logical models.</summary>
    internal static void Get(CommandContext context, CommandArguments args)
    {
        var models = Source(context, args, "Source {0} not found.")["logical_models"].AsObjects().ToList();
        context.Answer = _ => new JsonArray([.. models.Select(m => m.DeepClone())]);
    }

    /// <summary>Lets a role read a logical model.</summary>
    internal static void CreatePermission(CommandContext context, CommandArguments args)
    {
        var (name, role) = (args.Text("name"), args.Text("role"));
        var permission = args.Of("permission");
        _ = permission.Needed("columns");
        var model = Find(Source(context, args, "Source \"{0}\" not found."), args.Source, name);
        if (model.EntryAt("select_permissions", "role", role) is not null)
        {
            throw MetadataCommandException.Exists($"select permission already defined on logical model \"{name}\" with role \"{role}\"");
        }

        model.ListAt("select_permissions").Add((JsonNode)args.Copy("role", "permission", "comment"));
    }

    /// <summary>Takes a role the right to read a logical model.</summary>
    internal static void DropPermission(CommandContext context, CommandArguments args)
    {
        var (name, role) = (args.Text("name"), args.Text("role"));
        var model = Find(Source(context, args, "Source \"{0}\" not found."), args.Source, name);
        (model.EntryAt("select_permissions", "role", role) ?? throw new MetadataCommandException("permission-denied", $"select permission on \"{name}\" for role \"{role}\" does not exist")).Detach();
    }

    /// <summary>The source of the arguments.</summary>
    /// <exception cref="MetadataCommandException">not-found, in these words.</exception>
    internal static JsonObject Source(CommandContext context, CommandArguments args, string text) =>
        context.Root.EntryAt("sources", "name", args.Source) ?? throw new MetadataCommandException("not-found", text.Replace("{0}", args.Source, StringComparison.Ordinal));

    /// <summary>A logical model.</summary>
    /// <exception cref="MetadataCommandException">not-found.</exception>
    internal static JsonObject Find(JsonObject source, string sourceName, string name) =>
        source.EntryAt("logical_models", "name", name) ?? throw new MetadataCommandException("not-found", $"Logical model \"{name}\" not found in source \"{sourceName}\".");
}
