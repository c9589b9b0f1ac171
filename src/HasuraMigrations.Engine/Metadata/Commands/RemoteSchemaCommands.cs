using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on remote schemas. They are stored as they are given: nothing is fetched.</summary>
internal static partial class RemoteSchemaCommands
{
    /// <summary>Adds a remote schema.</summary>
    internal static void Add(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        RequireUrl(args.Of("definition"));
        if (context.Root.EntryAt("remote_schemas", "name", name) is not null)
        {
            throw MetadataCommandException.Exists($"remote schema with name \"{name}\" already exists");
        }

        context.Root.ListAt("remote_schemas").Add(Entry(args));
        context.Build(ObjectId.OfGlobal(ObjectKind.RemoteSchema, name));
    }

    /// <summary>Changes a remote schema; relationships that start in it are lost, as on a server.</summary>
    internal static void Update(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        RequireUrl(args.Of("definition"));
        var entry = context.Root.EntryAt("remote_schemas", "name", name) ?? throw MetadataCommandException.NotExists($"remote schema with name \"{name}\" doesn't exist");
        var given = Entry(args);
        foreach (var key in new[] { "definition", "comment" })
        {
            entry[key] = given[key]?.DeepClone();
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
        var schema = args.Of("definition").Text("schema");
        var entry = context.Root.EntryAt("remote_schemas", "name", name) ?? throw MetadataCommandException.NotExists($"remote schema \"{name}\" doesn't exist");
        if (role == "admin")
        {
            throw new MetadataCommandException("constraint-violation", "cannot define permission for admin role");
        }

        if (entry.EntryAt("permissions", "role", role) is not null)
        {
            throw MetadataCommandException.Exists($"permissions for role: \"{role}\" for remote schema:\"{name}\" already exists");
        }

        var permission = args.Copy("role", "comment");
        permission["definition"] = new JsonObject { ["schema"] = schema };
        entry.ListAt("permissions").Add((JsonNode)permission);
        context.Build(ObjectId.OfGlobal(ObjectKind.RemoteSchemaPermission, name, role));
    }

    /// <summary>Creates a relationship of a type of a remote schema; whether it has the type is not known here.</summary>
    internal static void CreateRelationship(CommandContext context, CommandArguments args)
    {
        var (name, type) = (args.Text("name"), args.Text("type_name"));
        var definition = args.Object("definition");
        var entry = Entry(context, args);
        if (entry.EntryAt("remote_relationships", "type_name", type) is not { } group)
        {
            group = new JsonObject { ["type_name"] = type, ["relationships"] = new JsonArray() };
            entry.ListAt("remote_relationships").Add((JsonNode)group);
        }

        if (group.EntryAt("relationships", "name", name) is not null)
        {
            throw MetadataCommandException.Exists($"relationship \"{name}\" is already defined on type \"{type}\" of remote schema \"{args.Text("remote_schema")}\"");
        }

        group.ListAt("relationships").Add(Relationship(name, definition));
    }

    /// <summary>Changes a relationship of a type of a remote schema.</summary>
    internal static void UpdateRelationship(CommandContext context, CommandArguments args)
    {
        var definition = args.Object("definition");
        FindRelationship(context, args)["definition"] = Relationship(args.Text("name"), definition)["definition"]!.DeepClone();
    }

    /// <summary>Deletes a relationship of a type of a remote schema.</summary>
    internal static void DeleteRelationship(CommandContext context, CommandArguments args)
    {
        var relationship = FindRelationship(context, args);
        var group = relationship.Parent!.Parent!;
        relationship.Detach();
        if (!group["relationships"].AsObjects().Any())
        {
            group.Detach();
        }
    }

    /// <summary>Drops the permissions of a role.</summary>
    internal static void DropPermissions(CommandContext context, CommandArguments args)
    {
        var (name, role) = (args.Text("remote_schema"), args.Text("role"));
        var entry = context.Root.EntryAt("remote_schemas", "name", name) ?? throw MetadataCommandException.NotExists($"remote schema \"{name}\" doesn't exist");
        (entry.EntryAt("permissions", "role", role) ?? throw MetadataCommandException.NotExists($"permissions for role: \"{role}\" for remote schema:\"{name}\" doesn't exist")).Detach();
    }

    private static JsonNode Entry(CommandArguments args) => KnownKeys.OfDocument(args.Copy("name", "definition", "comment"), "remote_schemas");

    private static JsonNode Relationship(string name, JsonObject definition) =>
        KnownKeys.Only(new JsonObject { ["name"] = name, ["definition"] = definition.DeepClone() }, TableShapes.RemoteRelationship)!;

    private static void RequireUrl(CommandArguments definition)
    {
        WebhookHeaders.Require(definition);
        if ((definition.MaybeText("url") is null) == (definition.MaybeText("url_from_env") is null))
        {
            throw new MetadataCommandException("invalid-params", definition.Map["url"] is null ? "both `url` and `url_from_env` can't be empty" : "both `url` and `url_from_env` can't be present");
        }

        // A template may get its scheme from the environment. .NET takes paths for URIs and refuses host names with an underscore.
        if (definition.MaybeText("url") is { } url && !url.Contains("{{", StringComparison.Ordinal) && !Uri().IsMatch(url))
        {
            throw new MetadataCommandException("invalid-params", $"not a valid URI: {url}");
        }
    }

    private static JsonObject Entry(CommandContext context, CommandArguments args)
    {
        var name = args.Text("remote_schema");
        return context.Root.EntryAt("remote_schemas", "name", name) ?? throw MetadataCommandException.NotExists($"remote schema with name \"{name}\" doesn't exist");
    }

    private static JsonObject FindRelationship(CommandContext context, CommandArguments args)
    {
        var (name, type) = (args.Text("name"), args.Text("type_name"));
        return Entry(context, args).EntryAt("remote_relationships", "type_name", type)?.EntryAt("relationships", "name", name)
            ?? throw MetadataCommandException.NotExists($"no relationship defined on remote schema \"{args.Text("remote_schema")}\" with name \"{name}\"");
    }

    // RFC 3986: a scheme, and no character that has to be escaped.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>""{}|\\^`]*\z")]
    private static partial Regex Uri();
}
