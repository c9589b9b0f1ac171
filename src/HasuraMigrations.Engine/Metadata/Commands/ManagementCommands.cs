using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on the document as a whole.</summary>
internal static class ManagementCommands
{
    private static readonly Version TellsConsistency = new(2, 4);
    private static readonly Version RecreatesTriggers = new(2, 1);

    /// <summary>The document as a server exports it; cron triggers that stay out of it are left out.</summary>
    internal static void Export(CommandContext context, CommandArguments args)
    {
        var shown = context.Era.IsVersion1 ? VersionOneForm.Of(context.State.Root) : MetadataRewriter.ToServerForm(new MetadataDocument(context.State.Root)).Root;
        foreach (var hidden in shown["cron_triggers"].AsObjects().Where(MetadataTree.IsHiddenCronTrigger).ToList())
        {
            hidden.Detach();
        }

        context.Answer = _ => shown;
    }

    /// <summary>Puts another document in place.</summary>
    internal static void Replace(CommandContext context, CommandArguments args)
    {
        // The key decides, whatever it holds (Hasura 2.48).
        var isWrapped = context.Era.IsVersion1 ? args.Map["metadata"] is JsonObject : args.Map.ContainsKey("metadata");
        var given = isWrapped ? args.Of("metadata") : args;
        // A document without a version is of the first, whatever it holds (Hasura 1.3.3 and 2.48).
        _ = given.List(!context.Era.IsVersion1 && given.Map["version"].ToText() == "3" ? "sources" : "tables");
        DuplicateCheck.Refuse(context.Era, given.Map, given.Path);
        var before = context.State.Root;
        context.Replace(Read(context, given));
        context.IsWholeRead = true;
        KeepHidden(before, context.Root);
        RequireOwnNames(context.Root);
        var allowsInconsistent = isWrapped && args.Flag("allow_inconsistent_metadata");
        context.Judge(allowsInconsistent ? Judgement.None : Judgement.Strict);
        var warnings = context.Era.IsVersion1 ? [] : Warnings.OfEventTriggerNames(before, context.Root);
        Warnings.Require(warnings, !isWrapped || args.Flag("allow_warnings", byDefault: true));
        context.Answer = after => isWrapped ? WithWarnings(Consistency(after), warnings) : Warnings.Success(warnings);
    }

    /// <summary>Removes everything; the source <c>default</c> keeps its configuration.</summary>
    internal static void Clear(CommandContext context, CommandArguments args)
    {
        var before = context.State.Root;
        context.Replace(new MetadataDocument(before).Cleared().Root);
        if (context.Era.IsVersion1)
        {
            KeepHidden(before, context.Root);
        }

        if (!context.Era.HasSpacedColons)
        {
            context.CleanedSources.Add(MetadataDocument.DefaultSource);
        }

        context.Judge(Judgement.Strict);
    }

    /// <summary>Reads databases anew, and tells what does not fit.</summary>
    internal static void Reload(CommandContext context, CommandArguments args)
    {
        // The first servers of version 2, and those of version 1, take anything.
        if (!context.Era.HasSpacedColons)
        {
            RequireScopes(args);
        }

        RequireNamed(args.Node.Get("reload_sources"), context.Root["sources"], "Source");
        RequireNamed(args.Node.Get("reload_remote_schemas"), context.Root["remote_schemas"], "Remote schema");
        if (context.Era.Version >= RecreatesTriggers)
        {
            Recreate(context, args.Node.Get("recreate_event_triggers"));
        }

        context.Judge(Judgement.None);
        if (context.Era.Version < TellsConsistency)
        {
            return;
        }

        context.Answer = after =>
        {
            var (answer, objects) = (MetadataCommands.Success(), after.InconsistentObjects());
            answer["is_consistent"] = objects.Count == 0;
            if (objects.Count > 0)
            {
                answer["inconsistent_objects"] = objects;
            }

            return answer;
        };
    }

    /// <summary>Tells what does not fit.</summary>
    internal static void GetInconsistent(CommandContext context, CommandArguments args) => context.Answer = Consistency;

    /// <summary>Drops what does not fit, and what stops to fit by that.</summary>
    internal static void DropInconsistent(CommandContext context, CommandArguments args)
    {
        UnreadableObjects.Remove(context.Root, context.State.Unreadable);
        foreach (var id in context.Before.Inconsistencies.Found.Select(i => i.Id))
        {
            ObjectRemover.Remove(context.Root, id);
        }

        context.Judge(Judgement.Rest);
    }

    private static void RequireScopes(CommandArguments args)
    {
        foreach (var key in new[] { "reload_remote_schemas", "reload_sources", "recreate_event_triggers", "reload_data_connectors" })
        {
            _ = args.Map[key] is JsonArray ? args.Texts(key).Count() : args.Flag(key) ? 1 : 0;
        }
    }

    private static void Recreate(CommandContext context, JsonNode? sources)
    {
        RequireNamed(sources, context.Root["sources"], "Source");
        var isAll = sources is JsonValue flag && flag.TryGetValue<bool>(out var all) && all;
        context.RecreatedSources.AddRange(isAll ? MetadataTree.SourcesOf(context.Root).Select(s => s.Name) : sources.AsTexts());
    }

    private static JsonObject Consistency(SchemaCache cache)
    {
        var objects = cache.InconsistentObjects();
        return new JsonObject { ["is_consistent"] = objects.Count == 0, ["inconsistent_objects"] = objects };
    }

    private static JsonObject WithWarnings(JsonObject answer, JsonArray warnings)
    {
        if (warnings.Count > 0)
        {
            answer["warnings"] = warnings.DeepClone();
        }

        return answer;
    }

    // A catalog of version 1 holds functions as objects, whatever they were given as.
    private static MetadataDocument ToVersion2(MetadataDocument document) => document.Version == 1 ? MetadataVersions.Convert(document, 2, []) : document;

    private static JsonObject Read(CommandContext context, CommandArguments given)
    {
        try
        {
            var root = given.Map;
            if (context.TakesArguments && root.Parent is JsonObject owner)
            {
                owner.Remove(root.GetPropertyName());
            }

            var document = new MetadataDocument(context.TakesArguments ? root : root.DeepClone().AsObject());
            foreach (var source in document.Sources)
            {
                source.TryAdd("kind", "postgres");
            }

            ParseabilityGuard.RequireWhole(document.Root, context.Era, given.Path);
            return (context.Era.IsVersion1 ? ToVersion2(document) : MetadataVersions.Onto(document, new MetadataDocument(context.State.Root))).Root;
        }
        catch (HasuraMigrationException e) when (e.ErrorId == "MetadataVersionMismatch")
        {
            throw new MetadataCommandException("not-supported", "cannot import metadata without sources since no default source is defined");
        }
        catch (HasuraMigrationException e)
        {
            throw MetadataCommandException.Parse(e.Message);
        }
    }

    private static void KeepHidden(JsonObject before, JsonObject after)
    {
        foreach (var hidden in before["cron_triggers"].AsObjects().Where(MetadataTree.IsHiddenCronTrigger).ToList())
        {
            if (after.EntryAt("cron_triggers", "name", hidden["name"].AsText() ?? "") is not null)
            {
                throw MetadataCommandException.Exists($"cron trigger with name \"{hidden["name"].AsText()}\" already exists");
            }

            after.ListAt("cron_triggers").Add(hidden.DeepClone());
        }
    }

    private static void RequireOwnNames(JsonObject root)
    {
        foreach (var (_, source) in MetadataTree.SourcesOf(root))
        {
            var twice = MetadataTree.TablesOf(source).SelectMany(t => t.Node["event_triggers"].AsObjects()).GroupBy(t => t["name"].AsText()).FirstOrDefault(g => g.Count() > 1);
            if (twice is not null)
            {
                throw new MetadataCommandException("not-supported", $"Event trigger with duplicate names not allowed: \"{twice.Key}\"");
            }
        }
    }

    private static void RequireNamed(JsonNode? names, JsonNode? present, string noun)
    {
        foreach (var name in names.AsTexts().Where(n => present.AsObjects().All(o => o["name"].AsText() != n)))
        {
            throw MetadataCommandException.NotExists($"{noun} with name \"{name}\" not found in metadata");
        }
    }
}
