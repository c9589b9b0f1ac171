using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on event triggers. What they leave in databases comes from comparing documents.</summary>
internal static partial class EventTriggerCommands
{
    private static readonly string[] Optional = ["headers", "request_transform", "response_transform", "cleanup_config", "trigger_on_replication"];

    /// <summary>True for a name that any server takes.</summary>
    internal static bool IsPlainName(string name) => PlainName().IsMatch(name);

    /// <summary>Creates an event trigger, or replaces one.</summary>
    internal static void Create(CommandContext context, CommandArguments args)
    {
        var (source, name, table) = (args.Source, args.Text("name"), args.Name("table"));
        RequireShape(args, name);
        var replace = args.Flag("replace");
        var info = context.Table(source, table);
        RequireColumns(info, args);
        var node = context.Source(source);
        var present = MetadataTree.TablesOf(node).Select(t => (t.Name, Entry: t.Node.EntryAt("event_triggers", "name", name))).FirstOrDefault(t => t.Entry is not null);
        if (replace)
        {
            if (present.Entry is null)
            {
                throw MetadataCommandException.NotExists($"event trigger \"{name}\" does not exist");
            }

            if (present.Name != table)
            {
                throw new MetadataCommandException("not-supported", "cannot replace table or schema for trigger");
            }

            present.Entry.Detach();
        }
        else if (present.Entry is not null)
        {
            throw context.Era.IsVersion1
                ? MetadataCommandException.CatalogQuery()
                : MetadataCommandException.Exists($"Event trigger with name \"{name}\" already exists");
        }

        context.TableNode(source, table).ListAt("event_triggers").Add(KnownKeys.OfTable(Entry(args, name), "event_triggers"));
        context.Build(new ObjectId(ObjectKind.EventTrigger, source, table, name));
    }

    /// <summary>Deletes an event trigger.</summary>
    internal static void Delete(CommandContext context, CommandArguments args)
    {
        var (source, name) = (args.Source, args.Text("name"));
        Find(context.Root, source, name).Entry.Detach();
    }

    /// <summary>The event trigger of a name.</summary>
    /// <exception cref="MetadataCommandException">not-exists.</exception>
    internal static (QualifiedName Table, JsonObject Entry) Find(JsonObject root, string source, string name) =>
        MetadataTree.TablesOf(MetadataTree.SourceOf(root, source)).Select(t => (t.Name, Entry: t.Node.EntryAt("event_triggers", "name", name)!)).FirstOrDefault(t => t.Entry is not null) is { Entry: not null } found
            ? found
            : throw MetadataCommandException.NotExists($"event trigger \"{name}\" does not exist");

    private static void RequireShape(CommandArguments args, string name)
    {
        WebhookHeaders.Require(args);
        if (!IsPlainName(name))
        {
            throw MetadataCommandException.Parse("only alphanumeric and underscore and hyphens allowed for name");
        }

        if (name.Length > 42)
        {
            throw MetadataCommandException.Parse("event trigger name can be at most 42 characters");
        }

        if (!args.Flag("enable_manual") && EventTriggerRules.Operations.All(o => args.Map[o] is null))
        {
            throw MetadataCommandException.Parse("atleast one amongst insert/update/delete/enable_manual spec must be provided");
        }

        foreach (var operation in EventTriggerRules.Operations.Where(o => args.Map[o] is not null).Select(args.Of))
        {
            if (operation.Needed("columns") is JsonArray { Count: 0 })
            {
                throw MetadataCommandException.Parse("found empty column specification");
            }

            if (operation.Map["payload"] is JsonArray { Count: 0 })
            {
                throw MetadataCommandException.Parse("found empty payload specification");
            }
        }

        if ((args.MaybeText("webhook") is null) == (args.MaybeText("webhook_from_env") is null))
        {
            throw MetadataCommandException.Parse(args.Map["webhook"] is null ? "must provide webhook or webhook_from_env" : "only one of webhook or webhook_from_env should be given");
        }
    }

    private static void RequireColumns(TableInfo info, CommandArguments args)
    {
        foreach (var column in EventTriggerRules.Operations.SelectMany(o => args.Map[o].Get("columns").AsTexts().Concat(args.Map[o].Get("payload").AsTexts())))
        {
            if (info.Facts.FindColumn(column) is null)
            {
                throw MetadataCommandException.NotExists($"column \"{column}\" does not exist");
            }
        }
    }

    private static JsonObject Entry(CommandArguments args, string name)
    {
        var definition = new JsonObject { ["enable_manual"] = args.Flag("enable_manual") };
        foreach (var (key, value) in args.Copy(EventTriggerRules.Operations))
        {
            definition[key] = value?.DeepClone();
        }

        var entry = new JsonObject { ["name"] = name, ["definition"] = definition };
        var retry = args.Map["retry_conf"];
        entry["retry_conf"] = new JsonObject
        {
            ["num_retries"] = retry.Get("num_retries")?.DeepClone() ?? 0,
            ["interval_sec"] = retry.Get("interval_sec")?.DeepClone() ?? 10,
            ["timeout_sec"] = retry.Get("timeout_sec")?.DeepClone() ?? 60,
        };
        foreach (var (key, value) in args.Copy(["webhook", "webhook_from_env", .. Optional]))
        {
            entry[key] = value?.DeepClone();
        }

        return entry;
    }

    [GeneratedRegex(@"^[A-Za-z]+[A-Za-z0-9_\-]*\z")]
    private static partial Regex PlainName();
}
