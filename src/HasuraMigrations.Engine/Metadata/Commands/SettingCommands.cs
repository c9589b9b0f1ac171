using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on sources, limits and other settings of servers of version 2.</summary>
internal static class SettingCommands
{
    /// <summary>Adds a source, or gives one another configuration.</summary>
    internal static void AddSource(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        _ = args.Of("configuration").Object("connection_info");
        var replaces = args.Flag("replace_configuration");
        var present = context.Root.EntryAt("sources", "name", name);
        if (present is not null && !replaces)
        {
            throw MetadataCommandException.Exists($"source with name \"{name}\" already exists");
        }

        if (present is null)
        {
            context.Root.ListAt("sources").Add((JsonNode)(present = new JsonObject { ["name"] = name, ["kind"] = "postgres", ["tables"] = new JsonArray() }));
        }

        foreach (var key in new[] { "configuration", "customization", "health_check" })
        {
            present.Remove(key);
            if (args.Map[key] is { } value)
            {
                present[key] = KnownKeys.OfSource(value, key);
            }
        }

        context.Build(new ObjectId(ObjectKind.Source, name, default, ""));
    }

    /// <summary>Changes parts of a source.</summary>
    internal static void UpdateSource(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        var source = context.Source(name);
        foreach (var (key, value) in args.Copy("configuration", "customization", "health_check"))
        {
            source[key] = KnownKeys.OfSource(value!, key);
        }

        context.Build(new ObjectId(ObjectKind.Source, name, default, ""));
    }

    /// <summary>Drops a source.</summary>
    internal static void DropSource(CommandContext context, CommandArguments args)
    {
        var (name, cascade) = (args.Text("name"), args.Flag("cascade"));
        var source = context.Source(name);
        if (cascade && context.Before.Inconsistencies.Found.Any(i => i.Id == new ObjectId(ObjectKind.Source, name, default, "")))
        {
            throw new MetadataCommandException("unexpected", $"source with name \"{name}\" is inconsistent");
        }

        context.DropDependents(context.Before.Objects.Where(o => o.Key.Source != name && o.Value.Needs.Any(n => n.Target.Source == name)).Select(o => o.Key), cascade);
        source.Detach();
        context.CleanedSources.Add(name);
    }

    /// <summary>Renames a source.</summary>
    internal static void RenameSource(CommandContext context, CommandArguments args)
    {
        var (name, newName) = (args.Text("name"), args.Text("new_name"));
        var source = context.Root.EntryAt("sources", "name", name) ?? throw MetadataCommandException.NotExists($"Could not find source with name \"{name}\"");
        if (context.Root.EntryAt("sources", "name", newName) is not null)
        {
            throw MetadataCommandException.Exists($"Source with name \"{newName}\" already exists");
        }

        source["name"] = newName;
        context.Judge(Judgement.None);
    }

    /// <summary>Sets the comments that a server adds to its SQL.</summary>
    internal static void SetQueryTags(CommandContext context, CommandArguments args) =>
        context.Source(args.Text("source_name"))["query_tags"] = args.Copy("disabled", "format", "omit_request_id");

    /// <summary>Lists the kinds of sources.</summary>
    internal static void ListSourceKinds(CommandContext context, CommandArguments args) =>
        context.Answer = _ => new JsonObject { ["sources"] = new JsonArray(new JsonObject { ["kind"] = "pg", ["display_name"] = "pg", ["builtin"] = true, ["available"] = true }) };

    /// <summary>Adds an agent of a data connector.</summary>
    internal static void AddAgent(CommandContext context, CommandArguments args)
    {
        var (name, url) = (args.Text("name"), args.Text("url"));
        if (context.Root["backend_configs"] is not JsonObject configs)
        {
            context.Root["backend_configs"] = configs = [];
        }

        if (configs["dataconnector"] is not JsonObject agents)
        {
            configs["dataconnector"] = agents = [];
        }

        agents[name] = new JsonObject { ["uri"] = url };
    }

    /// <summary>Deletes an agent of a data connector.</summary>
    internal static void DeleteAgent(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        if (context.Root["backend_configs"].Get("dataconnector") is not JsonObject agents || !agents.Remove(name))
        {
            throw MetadataCommandException.NotExists($"there is no agent \"{name}\"");
        }
    }

    /// <summary>Sets a part of the document to the arguments.</summary>
    internal static void Set(CommandContext context, CommandArguments args, string key) => context.Root[key] = KnownKeys.OfDocument(args.Map, key);

    /// <summary>Sets what OpenTelemetry exports, and where to.</summary>
    internal static void SetTelemetry(CommandContext context, CommandArguments args)
    {
        Set(context, args, "opentelemetry");
        context.Build(TelemetryRules.Id);
    }

    /// <summary>Removes a part of the document.</summary>
    internal static void Unset(CommandContext context, string key) => context.Root.Remove(key);

    /// <summary>Sets the status of OpenTelemetry.</summary>
    internal static void SetTelemetryStatus(CommandContext context, CommandArguments args)
    {
        var status = args.Text("status");
        if (status is not ("enabled" or "disabled") && !status.Contains("{{", StringComparison.Ordinal))
        {
            throw MetadataCommandException.Parse($"expected enabled or disabled, encountered {status}", "$.status");
        }

        if (context.Root["opentelemetry"] is not JsonObject telemetry)
        {
            context.Root["opentelemetry"] = telemetry = [];
        }

        telemetry["status"] = status;
        context.Build(TelemetryRules.Id);
    }

    /// <summary>Trusts the certificate of a host.</summary>
    internal static void AddHost(CommandContext context, CommandArguments args)
    {
        var (host, suffix) = (args.MaybeText("host"), args.MaybeText("suffix"));
        if (string.IsNullOrEmpty(host))
        {
            throw new MetadataCommandException("bad-request", "key \"host\" cannot be empty");
        }

        if (FindHost(context, host, suffix) is not null)
        {
            throw MetadataCommandException.Exists(suffix is null ? $"the host \"{host}\" already exists in the allowlist" : $"the host \"{host}\" with suffix \"{suffix}\" already exists in the allowlist");
        }

        if (context.Root["network"] is not JsonObject network)
        {
            context.Root["network"] = network = [];
        }

        network.ListAt("tls_allowlist").Add((JsonNode)args.Copy("host", "suffix", "permissions"));
    }

    /// <summary>Trusts the certificate of a host no more.</summary>
    internal static void DropHost(CommandContext context, CommandArguments args)
    {
        var (host, suffix) = (args.Text("host"), args.MaybeText("suffix"));
        (FindHost(context, host, suffix) ?? throw MetadataCommandException.NotExists($"the host \"{host}\" isn't present in the allowlist")).Detach();
    }

    private static JsonObject? FindHost(CommandContext context, string host, string? suffix) =>
        context.Root["network"].Get("tls_allowlist").AsObjects().FirstOrDefault(h => h["host"].AsText() == host && h["suffix"].AsText() == suffix);
}
