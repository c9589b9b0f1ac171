using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>Reads the permissions of a table. Those that are alike are one object, so that the types that follow from them can be shared.</summary>
internal sealed class PermissionReader(ApiTable table, SchemaCache cache)
{
    private static readonly string[] Kinds = ["select", "insert", "update", "delete"];

    private static readonly HashSet<string> Nothing = new(StringComparer.Ordinal);

    private Dictionary<string, object> _known = [];
    private readonly Dictionary<TablePermissions, TablePermissions> _all = [];

    /// <summary>What the role admin may do.</summary>
    internal TablePermissions Admin() => Share(new TablePermissions(
        new SelectPermission { Columns = table.Columns, Computed = null, HasAggregates = true, QueryRoots = null, SubscriptionRoots = null },
        new WritePermission(Writable(table.Columns), false),
        new WritePermission(Writable(table.Columns), false),
        new WritePermission([], false)));

    /// <summary>One object for all that are alike.</summary>
    internal TablePermissions Share(TablePermissions permissions)
    {
        if (!_all.TryGetValue(permissions, out var known))
        {
            _all[permissions] = known = permissions;
        }

        return known;
    }

    /// <summary>The permissions that stand, by role.</summary>
    internal Dictionary<string, TablePermissions> Read()
    {
        _known = new Dictionary<string, object>(StringComparer.Ordinal);
        var byRole = new Dictionary<string, TablePermissions>(StringComparer.Ordinal);
        var read = new List<(string Kind, TreeText Text, object Permission)>();
        foreach (var (kind, role, text) in Kinds.SelectMany(k => table.Info.Permissions.Where(p => p.Kind == k)))
        {
            if (!cache.Objects.ContainsKey(new ObjectId(ObjectKind.Permission, table.Source.Name, table.Info.Name, kind, role)))
            {
                continue;
            }

            var permission = Find(read, kind, text);
            if (permission is null)
            {
                var tree = text.ToTree();
                read.Add((kind, text, permission = kind == "select" ? Select(tree) : Write(tree, isAllByDefault: kind == "insert")));
            }

            var before = byRole.GetValueOrDefault(role) ?? TablePermissions.None;
            byRole[role] = (kind, permission) switch
            {
                (_, SelectPermission select) => before with { Select = select },
                ("insert", WritePermission write) => before with { Insert = write },
                ("update", WritePermission write) => before with { Update = write },
                (_, var write) => before with { Delete = (WritePermission)write },
            };
        }

        _known = [];
        foreach (var role in byRole.Keys)
        {
            byRole[role] = Share(byRole[role]);
        }

        return byRole;
    }

    private static object? Find(List<(string Kind, TreeText Text, object Permission)> read, string kind, TreeText text)
    {
        foreach (var (k, t, permission) in read)
        {
            if (t == text && k == kind)
            {
                return permission;
            }
        }

        return null;
    }

    private SelectPermission Select(JsonNode? node)
    {
        var (columns, key) = Columns(node.Get("columns"), false);
        var computed = Names(node.Get("computed_fields"));
        var (queries, subscriptions) = (Roots(node.Get("query_root_fields")), Roots(node.Get("subscription_root_fields")));
        var hasAggregates = IsTrue(node.Get("allow_aggregations"));
        return Known($"s {key} {hasAggregates} {Text(computed)} {Text(queries)} {Text(subscriptions)}", () => new SelectPermission
        {
            Columns = columns,
            Computed = computed,
            HasAggregates = hasAggregates,
            QueryRoots = queries,
            SubscriptionRoots = subscriptions,
        });
    }

    private WritePermission Write(JsonNode? node, bool isAllByDefault)
    {
        var (columns, key) = Columns(node.Get("columns"), isAllByDefault);
        var presets = node.Get("set") is JsonObject { Count: > 0 } set ? set.Select(p => p.Key).ToHashSet(StringComparer.Ordinal) : Nothing;
        var isBackendOnly = IsTrue(node.Get("backend_only"));
        return Known($"w {key} {isBackendOnly} {Text(presets)}", () => new WritePermission(Writable(columns.Where(c => !presets.Contains(c.Facts.Name))), isBackendOnly));
    }

    private (ApiColumn[] Columns, string Key) Columns(JsonNode? node, bool isAllByDefault)
    {
        if (node.AsText() == "*" || (node is null && isAllByDefault))
        {
            return (table.Columns, "*");
        }

        var chosen = new bool[table.Columns.Length];
        foreach (var name in node.AsTexts())
        {
            if (table.Find(name) is { } column)
            {
                chosen[column.Index] = true;
            }
        }

        var columns = new List<ApiColumn>(chosen.Length);
        foreach (var column in table.Columns)
        {
            if (chosen[column.Index])
            {
                columns.Add(column);
            }
        }

        return ([.. columns], string.Create(chosen.Length, chosen, static (text, all) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = all[i] ? '1' : '0';
            }
        }));
    }

    private T Known<T>(string key, Func<T> make)
        where T : class
    {
        if (!_known.TryGetValue(key, out var known))
        {
            _known[key] = known = make();
        }

        return (T)known;
    }

    // The second bit of a column that is generated: no statement may give it a value.
    private static ApiColumn[] Writable(IEnumerable<ApiColumn> columns) => [.. columns.Where(c => c.Facts.IsWritable)];

    // Without a list, and with null, all of them are there (Hasura, root field visibility).
    private HashSet<string>? Roots(JsonNode? node) => node is JsonArray && table.Source.Naming.Features.HasRootVisibility ? node.AsTexts().ToHashSet(StringComparer.Ordinal) : null;

    private static HashSet<string> Names(JsonNode? list) => list is JsonArray { Count: > 0 } ? list.AsTexts().ToHashSet(StringComparer.Ordinal) : Nothing;

    private static string Text(HashSet<string>? names) => names is null ? "*" : names.Count == 0 ? "" : string.Join(',', names.Order(StringComparer.Ordinal));

    private static bool IsTrue(JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var isTrue) && isTrue;
}
