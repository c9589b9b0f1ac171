using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on native queries.</summary>
internal static class NativeQueryCommands
{
    private const string List = "native_queries";

    /// <summary>Tracks a native query.</summary>
    internal static void Track(CommandContext context, CommandArguments args)
    {
        var (name, code) = (args.Text("root_field_name"), args.Text("code"));
        var returns = args.Needed("returns");
        var declared = args.MaybeObject("arguments") ?? [];
        var source = LogicalModelCommands.Source(context, args, "Source {0} not found.");
        if (source.EntryAt(List, "root_field_name", name) is not null)
        {
            throw new MetadataCommandException("already-tracked", $"Native query '{name}' is already tracked.");
        }

        var undeclared = NativeQueryText.ArgumentsOf(code).Where(a => !declared.ContainsKey(a)).ToList();
        if (undeclared.Count > 0)
        {
            throw new MetadataCommandException("validation-failed", $"The following columns are used in the query, but are not declared as arguments: {string.Join(", ", undeclared)}");
        }

        if (returns.AsText() is { } model)
        {
            _ = LogicalModelCommands.Find(source, args.Source, model);
        }

        var query = args.Copy("root_field_name", "code", "returns", "arguments", "description", "object_relationships", "array_relationships");
        if (context.State.Facts.GetValueOrDefault(args.Source)?.Catalog is { } catalog && NativeQueryRules.Problem(query, source, catalog) is { } problem)
        {
            throw new MetadataCommandException("validation-failed", $"Native query '{name}': {problem}");
        }

        source.ListAt(List).Add(KnownKeys.OfSource(query, List));
    }

    /// <summary>Untracks a native query.</summary>
    internal static void Untrack(CommandContext context, CommandArguments args)
    {
        var name = args.Text("root_field_name");
        var source = LogicalModelCommands.Source(context, args, "Source {0} not found.");
        (source.EntryAt(List, "root_field_name", name) ?? throw new MetadataCommandException("not-found", $"Native query \"{name}\" not found in source \"{args.Source}\".")).Detach();
    }

    /// <summary>Lists native queries.</summary>
    internal static void Get(CommandContext context, CommandArguments args)
    {
        var queries = LogicalModelCommands.Source(context, args, "Source {0} not found.")[List].AsObjects().ToList();
        context.Answer = _ => new JsonArray([.. queries.Select(q => q.DeepClone())]);
    }
}
