using System.Globalization;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>
/// Hasura's catalog state of the type cli: <c>migrations</c> by source and version with dirty flags, <c>settings</c>, and
/// <c>isStateCopyCompleted</c>. Keys of others are left as they are.
/// </summary>
internal static class CatalogStateDocument
{
    private const string Migrations = "migrations";
    private const string Settings = "settings";
    private const string Mode = "migration_mode";
    private const string Copied = "isStateCopyCompleted";

    /// <summary>What the state says of one source.</summary>
    /// <param name="state">The document; null for none.</param>
    /// <param name="source">The source.</param>
    /// <param name="instanceId">The <c>hasura_uuid</c> of the catalog.</param>
    /// <param name="table">Versions of an old table; null where there is no table.</param>
    internal static StateSnapshot Read(JsonNode? state, string source, Guid? instanceId, IReadOnlyDictionary<long, bool>? table)
    {
        var versions = Versions(state, source);
        var isCopyPending = IsCopyPending(state, source, table);
        foreach (var (version, isDirty) in isCopyPending ? table! : new Dictionary<long, bool>())
        {
            versions.TryAdd(version, isDirty);
        }

        return new StateSnapshot
        {
            Kind = StateStoreKind.Catalog,
            Source = source,
            InstanceId = instanceId,
            Versions = versions,
            IsMissing = !HasEntry(state, source) && !(isCopyPending && !IsCopied(state)),
            IsCopyPending = isCopyPending,
            IsMigrationModeOn = state.Get(Settings).Get(Mode)?.ToString() is null or "" or "true",
        };
    }

    /// <summary>The versions of a source with their dirty flags.</summary>
    internal static Dictionary<long, bool> Versions(JsonNode? state, string source)
    {
        var versions = new Dictionary<long, bool>();
        foreach (var (text, isDirty) in state.Get(Migrations).Get(source) as JsonObject ?? [])
        {
            if (IsVersion(text, out var version))
            {
                versions[version] = isDirty?.ToJsonString() == "true";
            }
        }

        return versions;
    }

    /// <summary>True where Hasura's CLI copies no tables into the state any more.</summary>
    internal static bool IsCopied(JsonNode? state) => state.Get(Copied)?.ToJsonString() == "true";

    // The mark is one for all sources: whichever Hasura's CLI, or a run, copies first sets it, and the tables of the others are copied
    // no more. A source without an entry was never copied.
    private static bool IsCopyPending(JsonNode? state, string source, IReadOnlyDictionary<long, bool>? table) =>
        table is not null && (!IsCopied(state) || (table.Count > 0 && !HasEntry(state, source)));

    private static bool HasEntry(JsonNode? state, string source) => state.Get(Migrations).Get(source) is JsonObject;

    /// <summary>Keys among the versions of a source that are no versions.</summary>
    internal static IReadOnlyList<string> Odd(JsonNode? state, string source) =>
        [.. (state.Get(Migrations).Get(source) as JsonObject ?? []).Select(v => v.Key).Where(k => !IsVersion(k, out _))];

    /// <summary>The settings.</summary>
    internal static Dictionary<string, string> SettingsOf(JsonNode? state) =>
        (state.Get(Settings) as JsonObject ?? []).ToDictionary(s => s.Key, s => s.Value.AsText() ?? s.Value.ToText());

    /// <summary>
    /// The document with what a change adds; all else as it was. Where the versions of an old table are still to be copied, they come
    /// along: after this, nobody copies them.
    /// </summary>
    /// <param name="state">The document; null for none.</param>
    /// <param name="source">The source.</param>
    /// <param name="change">The change.</param>
    /// <param name="table">Versions of the old table; null where there is none.</param>
    internal static JsonObject Merge(JsonNode? state, string source, StateChange change, IReadOnlyDictionary<long, bool>? table)
    {
        var changed = (state as JsonObject)?.DeepClone().AsObject() ?? [];
        foreach (var (name, value) in change.Settings)
        {
            Child(changed, Settings)[name] = value;
        }

        if (change.IsSettingOnly)
        {
            return changed;
        }

        Child(changed, Settings).TryAdd(Mode, "true");
        changed[Copied] = true;
        AddMissing(changed, change.State, k => k is not (Migrations or Settings or Copied));
        var versions = Child(Child(changed, Migrations), source);
        AddMissing(versions, change.State.Get(Migrations).Get(source) as JsonObject, k => !IsVersion(k, out _));
        var pending = IsCopyPending(state, source, table) ? table : null;
        foreach (var (version, isDirty) in change.Versions.Concat(pending ?? new Dictionary<long, bool>()))
        {
            versions.TryAdd(Text(version), isDirty);
        }

        return changed;
    }

    /// <summary>The document with versions added and removed; all else as it was, the settings Hasura's CLI expects filled in.</summary>
    internal static JsonObject Change(JsonNode? state, string source, IEnumerable<long> added, IEnumerable<long> removed)
    {
        var changed = (state as JsonObject)?.DeepClone().AsObject() ?? [];
        var settings = Child(changed, Settings);
        settings.TryAdd(Mode, "true");
        changed[Copied] = true;
        var versions = Child(Child(changed, Migrations), source);
        foreach (var version in removed)
        {
            versions.Remove(Text(version));
        }

        foreach (var version in added)
        {
            versions[Text(version)] = false;
        }

        return changed;
    }

    private static void AddMissing(JsonObject to, JsonObject? from, Func<string, bool> isTaken)
    {
        foreach (var (key, value) in from ?? [])
        {
            if (isTaken(key))
            {
                to.TryAdd(key, value?.DeepClone());
            }
        }
    }

    internal static bool IsVersion(string text, out long version) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);

    private static JsonObject Child(JsonObject parent, string key)
    {
        if (parent[key] is not JsonObject child)
        {
            parent[key] = child = [];
        }

        return child;
    }

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);
}
