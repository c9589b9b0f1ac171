using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Permissions of tables name fields that are there, and values that fit them.</summary>
internal sealed class PermissionRules(MetadataEra era, SchemaCache cache, string source)
{
    /// <summary>What can be permitted, in the order of a server.</summary>
    internal static readonly string[] Kinds = ["insert", "select", "update", "delete"];

    private static readonly string[] Members = Array.ConvertAll(Kinds, k => $"{k}_permissions");
    private static readonly string[] Types = Array.ConvertAll(Kinds, k => $"{k}_permission");

    private readonly TreeTexts _texts = new();
    private readonly ConcurrentDictionary<string, string> _roles = new(StringComparer.Ordinal);

    /// <summary>Looks at the permissions of a source's tables.</summary>
    internal void Build(JsonObject node)
    {
        // Permissions are most of a large document. Each table is read for itself; what is found is kept in the order of the tables.
        var tables = MetadataTree.TablesOf(node).ToList();
        var all = WorkAhead.Select(tables, WorkAhead.ProcessorsFor(tables.Count), t => Read(t.Name, t.Node)).ToList();
        cache.Objects.EnsureCapacity(cache.Objects.Count + all.Sum(f => f.Count));
        foreach (var (item, needs, reason) in all.SelectMany(f => f))
        {
            if (reason is null)
            {
                cache.KeepDistinct(item, needs);
            }
            else
            {
                cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, reason);
            }
        }
    }

    private List<(MetadataObject Item, Need[] Needs, string? Reason)> Read(QualifiedName name, JsonObject table)
    {
        var (info, found) = (cache.FindTable(source, name), new List<(MetadataObject Item, Need[] Needs, string? Reason)>());
        if (info is null && !era.IsVersion1)
        {
            return found;
        }

        using var text = JsonText.Pooled(table);
        var known = new List<(string Kind, TreeText Text, Need[] Needs)>();
        // A table has its lists in any order.
        foreach (var entry in PermissionTexts.Find(text.WrittenSpan, Members).OrderBy(p => p.Kind))
        {
            var (kind, role) = (Kinds[entry.Kind], _roles.GetOrAdd(entry.Role, r => r));
            var item = new PermissionObject(era, new ObjectId(ObjectKind.Permission, source, name, kind, role), Types[entry.Kind], table, entry.Index);
            // Servers 1.x report each member of an inconsistent table; servers 2.x report the table alone (Hasura 1.3.3 and 2.48).
            var (needs, reason) = info is null ? ([], era.MissingTable(source, name))
                : Read(info, kind, role, _texts.Of(text.WrittenSpan.Slice(entry.Start, entry.Length)), ReferenceEquals(info.Node, table), known);
            found.Add((item, needs, reason));
        }

        return found;
    }

    private (Need[] Needs, string? Reason) Read(TableInfo info, string kind, string role, TreeText text, bool isOfTable, List<(string Kind, TreeText Text, Need[] Needs)> known)
    {
        try
        {
            if (role == "admin")
            {
                throw new RuleException("cannot define permission for admin role");
            }

            // What fits the table for one role fits it for every one.
            var needs = Find(known, kind, text);
            if (needs is null)
            {
                needs = Read(info, kind, role, text.ToTree());
                known.Add((kind, text, needs));
            }

            if (isOfTable)
            {
                info.Permissions.Add(new TablePermission(kind, role, text));
            }

            return (needs, null);
        }
        catch (RuleException e)
        {
            return ([], $"in table \"{info.Name.InMessage()}\": in permission for role \"{role}\": {e.Message}");
        }
    }

    private static Need[]? Find(List<(string Kind, TreeText Text, Need[] Needs)> known, string kind, TreeText text)
    {
        foreach (var (k, t, needs) in known)
        {
            if (t == text && k == kind)
            {
                return needs;
            }
        }

        return null;
    }

    private Need[] Read(TableInfo info, string kind, string role, JsonNode? permission)
    {
        var needs = new List<Need>(24) { cache.NeedOf(info) };
        // Servers report the first failure only, in this order: expressions, presets, columns, computed fields, limit, root fields
        // (Hasura 2.48).
        var expressions = new ExpressionReader(era, cache, source, needs);
        expressions.Read(permission.Get("filter"), info);
        expressions.Read(permission.Get("check"), info);
        foreach (var (column, value) in permission.Get("set") as JsonObject ?? [])
        {
            if (info.Facts.FindColumn(column) is not { } facts)
            {
                throw new RuleException($"column \"{column}\" does not exist");
            }

            ValueRules.Check(era, info, facts, value);
            // A static value fits the present type, and a change of it breaks the preset; with a session variable it does not
            // (Hasura 1.3.3 and 2.48).
            needs.Add(cache.NeedOf(info, column, !ValueRules.IsSessionVariable(value)));
        }

        if (kind != "delete")
        {
            ReadColumns(info, kind, permission.Get("columns"), needs);
        }

        if (kind == "select")
        {
            ReadSelect(info, role, permission, needs);
        }

        return cache.Distinct(needs);
    }

    private void ReadColumns(TableInfo info, string kind, JsonNode? columns, List<Need> needs)
    {
        // Servers expand "*" before they record needs, so dropping any column of the table breaks the permission. Insert
        // permissions without columns permit all of them (Hasura 2.48).
        var all = columns.AsText() == "*" || (columns is null && kind == "insert");
        foreach (var name in all ? info.Facts.Columns.Select(c => c.Name) : columns.AsTexts())
        {
            if (info.Facts.FindColumn(name) is not { } column)
            {
                throw new RuleException(info.Fields.GetValueOrDefault(name) is { } field ? NotAColumn(kind, name, field) : $"column \"{name}\" does not exist");
            }

            if (kind is "insert" or "update" && !column.IsWritable && !era.IsVersion1)
            {
                if (all)
                {
                    continue;
                }

                throw new RuleException($"Column \"{name}\" is not {(kind == "insert" ? "insertable" : "updatable")} and so cannot have {kind} permissions defined");
            }

            needs.Add(cache.NeedOf(info, name));
        }
    }

    private string NotAColumn(string kind, string name, FieldInfo field)
    {
        var noun = field switch { RelationshipField => "relationship", ComputedFieldInfo => "computed field", _ => "remote relationship" };
        var hint = kind == "select" && field is RelationshipField ? "permissions for relationships are automatically inferred" : $"Only table columns can have {kind} permissions defined, not relationships or other field types";
        return $"expecting a {(era.IsVersion1 ? "postgres" : "database")} column; but, \"{name}\" is a {noun}; {hint}";
    }

    private void ReadSelect(TableInfo info, string role, JsonNode? permission, List<Need> needs)
    {
        foreach (var name in permission.Get("computed_fields").AsTexts())
        {
            if (info.Fields.GetValueOrDefault(name) is not ComputedFieldInfo field)
            {
                throw new RuleException($"computed field \"{name}\" does not exist");
            }

            if (field.Table is { } table)
            {
                throw new RuleException($"select permissions on computed field \"{name}\" are auto-derived from the permissions on its returning table \"{table.InMessage()}\" and cannot be specified manually");
            }

            needs.Add(new Need(new ObjectId(ObjectKind.ComputedField, source, info.Name, name)));
        }

        if (permission.Get("limit") is JsonValue limit && limit.TryGetValue<decimal>(out var number) && number < 0)
        {
            throw new RuleException("unexpected negative value");
        }

        var roots = permission.Get("query_root_fields").AsTexts().Concat(permission.Get("subscription_root_fields").AsTexts()).ToList();
        if (roots.Contains("select_by_pk") && !MayReadKey(info, permission.Get("columns")))
        {
            throw new RuleException($"The \"select_by_pk\" field cannot be included in the query_root_fields or subscription_root_fields because the role \"{role}\" does not have access to the primary key of the table \"{info.Name.InMessage()}\" in the source \"{source}\"");
        }

        if (roots.Contains("select_aggregate") && !(permission.Get("allow_aggregations") is JsonValue allowed && allowed.TryGetValue<bool>(out var isAllowed) && isAllowed))
        {
            // The two spaces are in the text of servers (Hasura 2.48).
            throw new RuleException("The \"select_aggregate\" root field can only be enabled in the query_root_fields or  the subscription_root_fields when \"allow_aggregations\" is set to true");
        }
    }

    private static bool MayReadKey(TableInfo info, JsonNode? columns) =>
        info.Facts.PrimaryKey is { } key && (columns.AsText() == "*" || key.Columns.All(columns.AsTexts().Contains));

    /// <summary>A permission as lists of inconsistent objects show it.</summary>
    private sealed class PermissionObject(MetadataEra era, ObjectId id, string type, JsonObject table, int index) : MetadataObject(id, type)
    {
        /// <inheritdoc/>
        internal override string Name => $"{Id.Role} in table {Id.Table.InMessage()} in source {Id.Source}";

        /// <inheritdoc/>
        internal override JsonNode? Definition
        {
            get
            {
                var entry = table[$"{Id.Name}_permissions"]![index]!.AsObject();
                var shown = new JsonObject();
                if (!era.IsVersion1)
                {
                    shown["source"] = Id.Source;
                }

                shown["table"] = Id.Table.Written();
                shown["role"] = entry["role"]?.DeepClone();
                shown["permission"] = InconsistencyDefinition.Permission(Id.Name, entry["permission"]);
                shown["comment"] = entry["comment"]?.DeepClone();
                return shown;
            }
        }
    }
}
