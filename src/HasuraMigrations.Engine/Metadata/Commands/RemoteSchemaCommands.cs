using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Consistency;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on remote schemas. They are stored as they are given: nothing is fetched.</summary>
internal static class RemoteSchemaCommands
{
    /// <summary>Adds a remote schema.</summary>
    internal static void Add(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        DemandUrl(args.Of("definition"));
        if (context.Root.EntryAt("remote_schemas", "name", name) is not null)
        {
            throw MetadataCommandException.Exists($"remote schema with name \"{name}\" already exists");
        }

        context.Root.ListAt("remote_schemas").Add((JsonNode)args.Copy("name", "definition", "comment"));
        context.Build(ObjectId.OfGlobal(ObjectKind.RemoteSchema, name));
    }

    /// <summary>Changes a remote schema; relationships that start in it are lost, as on a server.</summary>
    internal static void Update(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        DemandUrl(args.Of("definition"));
        var entry = context.Root.EntryAt("remote_schemas", "name", name) ?? throw MetadataCommandException.NotExists($"remote schema with name \"{name}\" doesn't exist");
        foreach (var key in new[] { "definition", "comment" })
        {
            entry[key] = args.Map[key]?.DeepClone();
        }

        entry.Remove("remote_relationships");
        context.Build(ObjectId.OfGlobal(ObjectKind.RemoteSchema, name));
    }

    /// <summary>Removes a remote schema with its permissions.</summary>
    internal static void Remove(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        var entry = context.Root.EntryAt("remote_schemas", "name", name) ?? throw MetadataCommandException.NotExists("no such remote schema");
        context.DropDependents(context.Before.DependentsOf(ObjectId.OfGlobal(ObjectKind.RemoteSchema, name)).Where(d => d.Kind != ObjectKind.RemoteSchemaPermission), cascade: false);
        entry.Detach();
    }

    /// <summary>Reads a remote schema anew: there is nothing to read.</summary>
    internal static void Reload(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        _ = context.Root.EntryAt("remote_schemas", "name", name) ?? throw MetadataCommandException.NotExists($"remote schema with name \"{name}\" does not exist");
    }

    /// <summary>Adds the permissions of a role.</summary>
    internal static void AddPermissions(CommandContext context, CommandArguments args)
    {
        var (name, role) = (args.Text("remote_schema"), args.Text("role"));
        _ = args.Of("definition").Text("schema");
        var entry = context.Root.EntryAt("remote_schemas", "name", name) ?? throw MetadataCommandException.NotExists($"remote schema \"{name}\" doesn't exist");
        if (role == "admin")
        {
            throw new MetadataCommandException("constraint-violation", "cannot define permission for admin role");
        }

        if (entry.EntryAt("permissions", "role", role) is not null)
        {
            throw MetadataCommandException.Exists($"permissions for role: \"{role}\" for remote schema:\"{name}\" already exists");
        }

        entry.ListAt("permissions").Add((JsonNode)args.Copy("role", "definition", "comment"));
        context.Build(ObjectId.OfGlobal(ObjectKind.RemoteSchemaPermission, name, role));
    }

    /// <summary>Drops the permissions of a role.</summary>
    internal static void DropPermissions(CommandContext context, CommandArguments args)
    {
        var (name, role) = (args.Text("remote_schema"), args.Text("role"));
        var entry = context.Root.EntryAt("remote_schemas", "name", name) ?? throw MetadataCommandException.NotExists($"remote schema \"{name}\" doesn't exist");
        (entry.EntryAt("permissions", "role", role) ?? throw MetadataCommandException.NotExists($"permissions for role: \"{role}\" for remote schema:\"{name}\" doesn't exist")).Detach();
    }

    private static void DemandUrl(CommandArguments definition)
    {
        if ((definition.MaybeText("url") is null) == (definition.MaybeText("url_from_env") is null))
        {
            throw new MetadataCommandException("invalid-params", definition.Map["url"] is null ? "both `url` and `url_from_env` can't be empty" : "both `url` and `url_from_env` can't be present");
        }
    }
}
