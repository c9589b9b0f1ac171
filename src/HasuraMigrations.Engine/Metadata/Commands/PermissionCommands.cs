using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on permissions of tables.</summary>
internal static class PermissionCommands
{
    private static readonly string[] QueryRoots = ["select", "select_by_pk", "select_aggregate"];
    private static readonly string[] SubscriptionRoots = [.. QueryRoots, "select_stream"];

    /// <summary>Creates a permission of a kind.</summary>
    internal static void Create(CommandContext context, CommandArguments args, string kind)
    {
        var (source, table, role) = (args.Source, args.Name("table"), args.Text("role"));
        RequireShape(args.Of("permission"), kind);
        if (kind == "select")
        {
            RequireRoots(args.Of("permission"), "query_root_fields", QueryRoots);
            RequireRoots(args.Of("permission"), "subscription_root_fields", SubscriptionRoots);
        }

        var node = TableOf(context, source, table);
        if (node.EntryAt($"{kind}_permissions", "role", role) is not null || (role == "admin" && !context.Era.IsVersion1))
        {
            throw context.Era.IsVersion1
                ? MetadataCommandException.CatalogQuery()
                : MetadataCommandException.Exists($"{kind} permission already defined on table \"{table.InMessage()}\" with role \"{role}\"");
        }

        var entry = new JsonObject { ["role"] = role, ["permission"] = args.Map["permission"]!.DeepClone() };
        if (args.MaybeText("comment") is { } comment)
        {
            entry["comment"] = comment;
        }

        node.ListAt($"{kind}_permissions").Add(KnownKeys.OfTable(entry, $"{kind}_permissions"));
        context.Build(new ObjectId(ObjectKind.Permission, source, table, kind, role));
    }

    /// <summary>Drops a permission of a kind.</summary>
    internal static void Drop(CommandContext context, CommandArguments args, string kind)
    {
        var (source, table, role) = (args.Source, args.Name("table"), args.Text("role"));
        Find(context, source, table, role, kind).Detach();
    }

    /// <summary>Comments a permission.</summary>
    internal static void SetComment(CommandContext context, CommandArguments args)
    {
        var (source, table, role, kind) = (args.Source, args.Name("table"), args.Text("role"), args.Text("type"));
        if (!PermissionRules.Kinds.Contains(kind))
        {
            throw MetadataCommandException.Parse("type must be one of select, insert, update, delete", "$.type");
        }

        Find(context, source, table, role, kind)["comment"] = args.MaybeText("comment");
    }

    private static JsonObject Find(CommandContext context, string source, QualifiedName table, string role, string kind)
    {
        var entry = TableOf(context, source, table).EntryAt($"{kind}_permissions", "role", role);
        return entry is not null && (!LooksIntoSchema(context.Era) || context.Before.Objects.ContainsKey(new ObjectId(ObjectKind.Permission, source, table, kind, role)))
            ? entry
            : throw new MetadataCommandException("permission-denied", $"{kind} permission on \"{table.InMessage()}\" for role \"{role}\" does not exist");
    }

    private static JsonObject TableOf(CommandContext context, string source, QualifiedName table) =>
        LooksIntoSchema(context.Era) ? context.TableNode(source, context.Table(source, table).Name) : context.TableNode(source, table);

    // Newer servers look into the document, so that permissions of an inconsistent table can be made and dropped (Hasura 2.48).
    private static bool LooksIntoSchema(MetadataEra era) => era.HasSpacedColons;

    private static void RequireRoots(CommandArguments permission, string key, string[] known)
    {
        if (permission.Map[key] is not null && permission.Texts(key).FirstOrDefault(f => !known.Contains(f)) is { } other)
        {
            throw MetadataCommandException.Parse($"{key} are {string.Join(", ", known)}; encountered {other}", $"{permission.Path}.{key}");
        }
    }

    private static void RequireShape(CommandArguments permission, string kind)
    {
        _ = permission.Object(kind == "insert" ? "check" : "filter");
        if (kind is "select" or "update")
        {
            _ = permission.Needed("columns");
        }

        if (permission.Map["columns"] is { } columns && columns is not JsonArray && columns.AsText() != "*")
        {
            throw MetadataCommandException.Parse("unexpected string for permission columns, use \"*\" to select all columns", $"{permission.Path}.columns");
        }

        if (permission.Map["set"] is not null)
        {
            _ = permission.Object("set");
        }
    }
}
