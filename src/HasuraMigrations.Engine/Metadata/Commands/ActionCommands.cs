using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on actions, custom types, cron triggers and inherited roles.</summary>
internal static class ActionCommands
{
    private static readonly string[] TypeLists = ["input_objects", "objects", "scalars", "enums"];

    /// <summary>Creates an action.</summary>
    internal static void Create(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        RequireDefinition(args.Of("definition"));
        if (context.Root.EntryAt("actions", "name", name) is not null)
        {
            throw MetadataCommandException.Exists($"action with name \"{name}\" already exists");
        }

        context.Root.ListAt("actions").Add(KnownKeys.OfDocument(args.Copy("name", "definition", "comment"), "actions"));
        context.Build(ObjectId.OfGlobal(ObjectKind.Action, name));
    }

    /// <summary>Changes an action; its permissions stay.</summary>
    internal static void Update(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        RequireDefinition(args.Of("definition"));
        var entry = Find(context, name);
        entry["definition"] = KnownKeys.OfDocument(args.Copy("definition"), "actions")["definition"]!.DeepClone();
        if (!context.Era.IsVersion1)
        {
            entry["comment"] = args.Map["comment"]?.DeepClone();
        }

        context.Build(ObjectId.OfGlobal(ObjectKind.Action, name));
    }

    /// <summary>Drops an action with its permissions and, unless that is not wanted, its log.</summary>
    internal static void Drop(CommandContext context, CommandArguments args)
    {
        var (name, clears) = (args.Text("name"), args.Flag("clear_data", byDefault: true));
        Find(context, name).Detach();
        if (clears)
        {
            context.ClearedActions.Add(name);
        }
    }

    /// <summary>Lets a role call an action.</summary>
    internal static void CreatePermission(CommandContext context, CommandArguments args)
    {
        var (name, role) = (args.Text("action"), args.Text("role"));
        var entry = Find(context, name);
        if (entry.EntryAt("permissions", "role", role) is not null)
        {
            throw MetadataCommandException.Exists($"permission for role \"{role}\" is already defined on \"{name}\"");
        }

        entry.ListAt("permissions").Add((JsonNode)args.Copy("role", "comment"));
    }

    /// <summary>Takes a role the right to call an action.</summary>
    internal static void DropPermission(CommandContext context, CommandArguments args)
    {
        var (name, role) = (args.Text("action"), args.Text("role"));
        (Find(context, name).EntryAt("permissions", "role", role)
            ?? throw MetadataCommandException.NotExists($"permission for role: \"{role}\" is not defined on \"{name}\"")).Detach();
    }

    /// <summary>Replaces all custom types.</summary>
    internal static void SetCustomTypes(CommandContext context, CommandArguments args)
    {
        foreach (var list in TypeLists.Where(l => args.Map[l] is not null))
        {
            _ = args.List(list);
        }

        context.Root["custom_types"] = KnownKeys.OfDocument(args.Copy(TypeLists), "custom_types");
        context.Build(ObjectId.OfGlobal(ObjectKind.CustomTypes, ""));
    }

    /// <summary>Creates a cron trigger, or replaces one.</summary>
    internal static void CreateCron(CommandContext context, CommandArguments args)
    {
        var (name, replace) = (args.Text("name"), args.Flag("replace"));
        _ = (args.Text("webhook"), args.NeededFlag("include_in_metadata"));
        WebhookHeaders.Require(args);
        if (!CronSchedule.IsValid(args.Text("schedule")))
        {
            throw MetadataCommandException.Parse("Failed reading: invalid cron schedule", "$.schedule");
        }

        var present = context.Root.EntryAt("cron_triggers", "name", name);
        if (present is null && replace)
        {
            throw MetadataCommandException.NotExists($"cron trigger with name: {name} does not exist");
        }

        if (present is not null && !replace)
        {
            throw MetadataCommandException.Exists($"cron trigger with name: {name} already exists");
        }

        present?.Detach();
        context.Root.ListAt("cron_triggers").Add(KnownKeys.OfDocument(args.Copy("name", "webhook", "schedule", "include_in_metadata", "payload", "retry_conf", "headers", "comment", "request_transform", "response_transform"), "cron_triggers"));
    }

    /// <summary>Lists cron triggers, those that no export shows among them.</summary>
    internal static void GetCron(CommandContext context, CommandArguments args) =>
        context.Answer = _ => new JsonObject { ["cron_triggers"] = new JsonArray([.. context.Root["cron_triggers"].AsObjects().Select(t => t.DeepClone())]) };

    /// <summary>Deletes a cron trigger.</summary>
    internal static void DeleteCron(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        (context.Root.EntryAt("cron_triggers", "name", name) ?? throw MetadataCommandException.NotExists($"cron trigger with name: {name} does not exist")).Detach();
    }

    /// <summary>Adds a role that inherits from others, or gives it other parents.</summary>
    internal static void AddInheritedRole(CommandContext context, CommandArguments args)
    {
        var (name, parents) = (args.Text("role_name"), args.List("role_set"));
        if (parents.Count == 0)
        {
            throw MetadataCommandException.Parse("role_set must not be empty", "$.role_set");
        }

        if (parents.AsTexts().Contains(name))
        {
            throw new MetadataCommandException("invalid-params", "an inherited role name cannot be in the role combination");
        }

        context.Root.EntryAt("inherited_roles", "role_name", name)?.Detach();
        context.Root.ListAt("inherited_roles").Add((JsonNode)args.Copy("role_name", "role_set"));
        context.Build(ObjectId.OfGlobal(ObjectKind.InheritedRole, name));
    }

    /// <summary>Drops a role that inherits from others.</summary>
    internal static void DropInheritedRole(CommandContext context, CommandArguments args)
    {
        var name = args.Text("role_name");
        (context.Root.EntryAt("inherited_roles", "role_name", name) ?? throw MetadataCommandException.NotExists($"\"{name}\" inherited role doesn't exist")).Detach();
    }

    private static void RequireDefinition(CommandArguments definition)
    {
        _ = (definition.Text("handler"), definition.Text("output_type"));
        WebhookHeaders.Require(definition);
    }

    private static JsonObject Find(CommandContext context, string name) =>
        context.Root.EntryAt("actions", "name", name)
        ?? throw MetadataCommandException.NotExists($"action with name \"{name}\" {(context.Era.IsVersion1 ? "not exists" : "does not exist")}");
}
