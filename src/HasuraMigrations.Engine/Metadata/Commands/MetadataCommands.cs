using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>What a command does to the document of its context.</summary>
internal delegate void CommandBody(CommandContext context, CommandArguments args);

/// <summary>A command.</summary>
/// <param name="Body">What it does.</param>
/// <param name="IsOfSource">It works on a source: servers of version 2 have it with a prefix.</param>
/// <param name="IsReadOnly">The document counts as unchanged.</param>
/// <param name="IsOfDocument">The document alone answers it; no database is looked at.</param>
/// <param name="ArgumentsVersion">The version of its arguments as it was named.</param>
internal sealed record CommandDefinition(CommandBody Body, bool IsOfSource, bool IsReadOnly, bool IsOfDocument = false, int ArgumentsVersion = 1);

/// <summary>All metadata commands by name, and how one is carried out.</summary>
internal static class MetadataCommands
{
    private static readonly HashSet<string> Atomic =
        ["pg_create_object_relationship", "pg_create_array_relationship", "pg_drop_relationship", "pg_delete_remote_relationship", "pg_track_logical_model", "pg_untrack_logical_model", "pg_track_native_query", "pg_untrack_native_query"];

    private static readonly Dictionary<string, CommandDefinition> All = Define();

    /// <summary>The names of all commands, without prefixes.</summary>
    internal static IEnumerable<string> Names => All.Keys;

    /// <summary>True for a command that changes nothing.</summary>
    /// <param name="name">The command, without a prefix.</param>
    internal static bool IsReading(string name) => All.TryGetValue(name, out var command) && command.IsReadOnly;

    /// <summary>Plain success.</summary>
    internal static JsonObject Success() => new() { ["message"] = "success" };

    /// <summary>The command of a name as <c>/v1/query</c> takes it; null where there is none.</summary>
    internal static CommandDefinition? Find(MetadataEra era, string name, int version = 1) => OfVersion(CommandNames.Find(All, era, name, c => c.IsOfSource), era, name, version);

    /// <summary>The command of a name as <c>/v1/metadata</c> takes it: those of sources with a prefix; null where there is none.</summary>
    internal static CommandDefinition? FindOfMetadata(MetadataEra era, string name, int version = 1) => OfVersion(CommandNames.FindOfMetadata(All, era, name, c => c.IsOfSource), era, name, version);

    /// <summary>Says that there is no such command, or that only a running server carries it out.</summary>
    /// <param name="era">The line of servers that is spoken for.</param>
    /// <param name="name">The name, with or without a prefix.</param>
    /// <param name="version">The version of its arguments.</param>
    internal static MetadataCommandException Unknown(MetadataEra era, string name, int version = 1)
    {
        var bare = CommandNames.WithoutPrefix(name);
        var plain = bare ?? name;
        if (CommandVersions.IsKnown(era, plain) && ServerOnlyCommands.Find(plain) is { } refusal)
        {
            return refusal;
        }

        return MetadataCommandException.Parse(
            !CommandVersions.IsKnown(era, plain) ? $"unknown metadata command \"{name}\": servers have it since {CommandVersions.SinceText(plain)}"
            : !CommandVersions.HasVersion(era, plain, version) ? $"metadata command \"{name}\" has no version {version}"
            : bare is null ? $"unknown metadata command \"{name}\"; \"{name.Split('_')[0]}\" was not recognized as a valid backend name"
            : $"unknown metadata command \"{bare}\" for backend postgres");
    }

    /// <summary>Carries out a command.</summary>
    /// <param name="state">The state before it.</param>
    /// <param name="command">The command.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="takesArguments">It may take over what is in the arguments.</param>
    /// <exception cref="MetadataCommandException">It is refused.</exception>
    internal static CommandOutcome Run(MetadataState state, CommandDefinition command, JsonNode? args, bool takesArguments = false)
    {
        var context = new CommandContext(state, command.ArgumentsVersion) { TakesArguments = takesArguments };
        command.Body(context, new CommandArguments(state.Era, args));
        if (command.IsReadOnly)
        {
            // The schema of a document alone is not built.
            return new CommandOutcome(state, context.Answer?.Invoke(command.IsOfDocument ? SchemaCache.None : state.Cache) ?? Success(), IsModified: false, []);
        }

        if (!context.IsWholeRead)
        {
            ParseabilityGuard.Require(state, context.Root);
        }

        var after = context.IsWholeRead ? state.WithReadable(context.Root) : state.With(context.Root);
        CommandJudge.Judge(context, state, after);
        return new CommandOutcome(after, context.Answer?.Invoke(after.Cache) ?? Success(), IsModified: true, [.. EventTriggerEffects.Between(state, after), .. EventTriggerEffects.Clean(state, context.CleanedSources), .. EventTriggerEffects.Recreate(after, context.RecreatedSources)]) { ClearedActions = context.ClearedActions };
    }

    /// <summary>Carries out several commands as one change, which is judged once, at the end.</summary>
    /// <exception cref="MetadataCommandException">One is refused, or the whole does not fit.</exception>
    internal static CommandOutcome RunAll(MetadataState state, IEnumerable<(string Name, JsonNode? Args)> items)
    {
        var after = state;
        foreach (var (name, args) in items)
        {
            if (!Atomic.Contains(name))
            {
                throw new MetadataCommandException("unexpected", "Bulk atomic does not support this command", status: 500);
            }

            var command = FindOfMetadata(state.Era, name)!;
            var context = new CommandContext(after, command.ArgumentsVersion);
            command.Body(context, new CommandArguments(state.Era, args));
            ParseabilityGuard.Require(after, context.Root);
            after = after.With(context.Root);
        }

        CommandJudge.RequireBuilt(state.Cache, after.Cache);
        var found = after.Cache.NewSince(state.Cache);
        return found.Count == 0
            ? new CommandOutcome(after, Success(), IsModified: true, EventTriggerEffects.Between(state, after))
            : throw new MetadataCommandException("bad-request", "Schema inconsistency", details: new JsonArray([.. found.GroupBy(i => i.Id).Select(g => (JsonNode)InconsistencyList.ToJson(g))]));
    }

    // With a prefix, a command takes the second form of its arguments, where it has two (Hasura, metadata API).
    private static CommandDefinition? OfVersion(CommandDefinition? found, MetadataEra era, string name, int version) =>
        found is not null && CommandVersions.HasVersion(era, name, version) ? found with { ArgumentsVersion = All.ContainsKey(name) ? version : 2 } : null;

    private static Dictionary<string, CommandDefinition> Define()
    {
        var all = new Dictionary<string, CommandDefinition>(StringComparer.Ordinal);
        void OfSource(string name, CommandBody body) => all[name] = new CommandDefinition(body, IsOfSource: true, IsReadOnly: false);
        void Plain(string name, CommandBody body) => all[name] = new CommandDefinition(body, IsOfSource: false, IsReadOnly: false);
        void Reads(string name, bool isOfSource, CommandBody body, bool isOfDocument = false) => all[name] = new CommandDefinition(body, isOfSource, IsReadOnly: true, isOfDocument);

        DefineTables(OfSource);
        DefineFunctions(OfSource);
        DefineOthers(Plain);
        DefineSettings(OfSource, Plain);
        Reads("export_metadata", false, ManagementCommands.Export, isOfDocument: true);
        Reads("get_inconsistent_metadata", false, ManagementCommands.GetInconsistent);
        Reads("list_source_kinds", false, SettingCommands.ListSourceKinds, isOfDocument: true);
        Reads("get_logical_model", true, LogicalModelCommands.Get, isOfDocument: true);
        Reads("suggest_relationships", true, SuggestCommand.Suggest);
        Reads("get_source_tables", true, SuggestCommand.SourceTables);
        Reads("get_source_trackables", true, SuggestCommand.SourceTrackables);
        Reads("get_native_query", true, NativeQueryCommands.Get, isOfDocument: true);
        Reads("get_cron_triggers", false, ActionCommands.GetCron, isOfDocument: true);
        return all;
    }

    private static void DefineTables(Action<string, CommandBody> add)
    {
        add("track_table", TableCommands.Track);
        add("add_existing_table_or_view", TableCommands.Track);
        add("untrack_table", TableCommands.Untrack);
        add("track_tables", TableCommands.TrackMany);
        add("untrack_tables", TableCommands.UntrackMany);
        add("set_table_is_enum", TableCommands.SetIsEnum);
        add("set_table_custom_fields", TableCommands.SetCustomFields);
        add("set_table_customization", TableCommands.SetCustomization);
        add("set_apollo_federation_config", TableCommands.SetApollo);
        add("create_object_relationship", RelationshipCommands.CreateObject);
        add("create_array_relationship", RelationshipCommands.CreateArray);
        add("drop_relationship", RelationshipCommands.Drop);
        add("set_relationship_comment", RelationshipCommands.SetComment);
        add("rename_relationship", RelationshipCommands.Rename);
        add("create_remote_relationship", RelationshipCommands.CreateRemote);
        add("update_remote_relationship", RelationshipCommands.UpdateRemote);
        add("delete_remote_relationship", RelationshipCommands.DeleteRemote);
        foreach (var kind in PermissionRules.Kinds)
        {
            add($"create_{kind}_permission", (context, args) => PermissionCommands.Create(context, args, kind));
            add($"drop_{kind}_permission", (context, args) => PermissionCommands.Drop(context, args, kind));
        }

        add("set_permission_comment", PermissionCommands.SetComment);
    }

    private static void DefineFunctions(Action<string, CommandBody> add)
    {
        add("add_computed_field", FunctionCommands.AddComputedField);
        add("drop_computed_field", FunctionCommands.DropComputedField);
        add("track_function", FunctionCommands.Track);
        add("untrack_function", FunctionCommands.Untrack);
        add("set_function_customization", FunctionCommands.SetCustomization);
        add("create_function_permission", FunctionCommands.CreatePermission);
        add("drop_function_permission", FunctionCommands.DropPermission);
        add("create_event_trigger", EventTriggerCommands.Create);
        add("delete_event_trigger", EventTriggerCommands.Delete);
        add("track_logical_model", LogicalModelCommands.Track);
        add("untrack_logical_model", LogicalModelCommands.Untrack);
        add("track_native_query", NativeQueryCommands.Track);
        add("untrack_native_query", NativeQueryCommands.Untrack);
        add("create_logical_model_select_permission", LogicalModelCommands.CreatePermission);
        add("drop_logical_model_select_permission", LogicalModelCommands.DropPermission);
    }

    private static void DefineOthers(Action<string, CommandBody> add)
    {
        add("add_remote_schema", RemoteSchemaCommands.Add);
        add("update_remote_schema", RemoteSchemaCommands.Update);
        add("remove_remote_schema", RemoteSchemaCommands.Remove);
        add("reload_remote_schema", RemoteSchemaCommands.Reload);
        add("add_remote_schema_permissions", RemoteSchemaCommands.AddPermissions);
        add("drop_remote_schema_permissions", RemoteSchemaCommands.DropPermissions);
        add("create_remote_schema_remote_relationship", RemoteSchemaCommands.CreateRelationship);
        add("update_remote_schema_remote_relationship", RemoteSchemaCommands.UpdateRelationship);
        add("delete_remote_schema_remote_relationship", RemoteSchemaCommands.DeleteRelationship);
        add("pause_event_trigger_cleanups", (context, args) => EventCleanupCommands.SetPaused(context, args, isPaused: true));
        add("resume_event_trigger_cleanups", (context, args) => EventCleanupCommands.SetPaused(context, args, isPaused: false));
        add("create_query_collection", CollectionCommands.Create);
        add("rename_query_collection", CollectionCommands.Rename);
        add("drop_query_collection", CollectionCommands.Drop);
        add("add_query_to_collection", CollectionCommands.AddQuery);
        add("drop_query_from_collection", CollectionCommands.DropQuery);
        add("add_collection_to_allowlist", CollectionCommands.Allow);
        add("update_scope_of_collection_in_allowlist", CollectionCommands.SetScope);
        add("drop_collection_from_allowlist", CollectionCommands.Disallow);
        add("create_rest_endpoint", CollectionCommands.CreateEndpoint);
        add("drop_rest_endpoint", CollectionCommands.DropEndpoint);
        add("create_action", ActionCommands.Create);
        add("update_action", ActionCommands.Update);
        add("drop_action", ActionCommands.Drop);
        add("create_action_permission", ActionCommands.CreatePermission);
        add("drop_action_permission", ActionCommands.DropPermission);
        add("set_custom_types", ActionCommands.SetCustomTypes);
        add("create_cron_trigger", ActionCommands.CreateCron);
        add("delete_cron_trigger", ActionCommands.DeleteCron);
        add("add_inherited_role", ActionCommands.AddInheritedRole);
        add("drop_inherited_role", ActionCommands.DropInheritedRole);
        add("replace_metadata", ManagementCommands.Replace);
        add("clear_metadata", ManagementCommands.Clear);
        add("reload_metadata", ManagementCommands.Reload);
        add("drop_inconsistent_metadata", ManagementCommands.DropInconsistent);
    }

    private static void DefineSettings(Action<string, CommandBody> ofSource, Action<string, CommandBody> add)
    {
        ofSource("add_source", SettingCommands.AddSource);
        ofSource("update_source", SettingCommands.UpdateSource);
        ofSource("drop_source", SettingCommands.DropSource);
        add("rename_source", SettingCommands.RenameSource);
        add("set_query_tags", SettingCommands.SetQueryTags);
        add("set_api_limits", (context, args) => SettingCommands.Set(context, args, "api_limits"));
        add("remove_api_limits", (context, _) => SettingCommands.Unset(context, "api_limits"));
        add("set_metrics_config", (context, args) => SettingCommands.Set(context, args, "metrics_config"));
        add("remove_metrics_config", (context, _) => SettingCommands.Unset(context, "metrics_config"));
        add("set_graphql_schema_introspection_options", (context, args) => SettingCommands.Set(context, args, "graphql_schema_introspection"));
        add("set_opentelemetry_config", SettingCommands.SetTelemetry);
        add("set_opentelemetry_status", SettingCommands.SetTelemetryStatus);
        add("add_host_to_tls_allowlist", SettingCommands.AddHost);
        add("drop_host_from_tls_allowlist", SettingCommands.DropHost);
        add("dc_add_agent", SettingCommands.AddAgent);
        add("dc_delete_agent", SettingCommands.DeleteAgent);
    }
}
