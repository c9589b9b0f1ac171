using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>An object whose need is not there goes too, and with it what needs the object.</summary>
internal static class DependencyRules
{
    /// <summary>Takes objects away until every need of the others is there.</summary>
    internal static void Resolve(MetadataEra era, SchemaCache cache)
    {
        // Servers limit the number of rounds and then fail (Hasura 2.48). Here every round removes an object, so the loop ends.
        while (true)
        {
            // Objects are many times as many as what they need.
            var missing = new Dictionary<Need, string>(ReferenceEqualityComparer.Instance);
            foreach (var need in cache.Needs)
            {
                if (Missing(cache, need.Target) is { } reason)
                {
                    missing[need] = reason;
                }
            }

            var broken = missing.Count == 0 ? [] : cache.Objects.Values
                .Select(o => (o.Object, Reason: o.Needs.Select(missing.GetValueOrDefault).FirstOrDefault(r => r is not null)))
                .Where(o => o.Reason is not null)
                .ToList();
            if (broken.Count == 0)
            {
                return;
            }

            foreach (var (item, reason) in broken)
            {
                cache.Objects.Remove(item.Id);
                Forget(cache, item.Id);
                // These reasons have no context such as "in table" in front, unlike those of the rules (Hasura 1.3.3 and 2.48).
                cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, reason!);
            }
        }
    }

    private static string? Missing(SchemaCache cache, ObjectId need)
    {
        if (cache.Skipped.Contains(need.Source))
        {
            return null;
        }

        var table = need.Table.Name is null ? "" : need.Table.InMessage();
        if (need.Kind is ObjectKind.Column or ObjectKind.ForeignKey or ObjectKind.Relationship or ObjectKind.ComputedField or ObjectKind.RemoteRelationship or ObjectKind.Table && cache.FindTable(need.Source, need.Table) is null)
        {
            return $"table \"{table}\" is not tracked";
        }

        var fields = cache.FindTable(need.Source, need.Table)?.Fields;
        return need.Kind switch
        {
            ObjectKind.Column => Field<ColumnField>(fields!, table, need.Name, "column"),
            ObjectKind.Relationship => Field<RelationshipField>(fields!, table, need.Name, "relationship"),
            ObjectKind.ComputedField => Field<ComputedFieldInfo>(fields!, table, need.Name, "computed field"),
            ObjectKind.RemoteRelationship => Field<RemoteField>(fields!, table, need.Name, "remote relationship"),
            ObjectKind.ForeignKey when cache.FindTable(need.Source, need.Table)!.Facts.ForeignKeys.All(k => k.Name != need.Name) => $"no foreign key constraint named \"{need.Name}\" is defined for table \"{table}\"",
            ObjectKind.Function when !cache.Functions.ContainsKey((need.Source, need.Table)) => $"function \"{table}\" is not tracked",
            ObjectKind.RemoteSchema when !cache.Objects.ContainsKey(need) => $"remote schema \"{need.Name}\" is not found",
            ObjectKind.NativeQuery when !cache.Objects.ContainsKey(need) => $"native query \"{need.Name}\" is not tracked",
            ObjectKind.LogicalModel when !cache.Objects.ContainsKey(need) => $"logical model \"{need.Name}\" is not tracked",
            ObjectKind.Permission when !cache.HasPermission(need) => $"no {need.Name} permission defined on table \"{table}\" for role \"{need.Role}\"",
            _ => null,
        };
    }

    private static string? Field<T>(Dictionary<string, FieldInfo> fields, string table, string name, string noun)
        where T : FieldInfo =>
        fields.GetValueOrDefault(name) switch
        {
            null => $"table \"{table}\" has no field named \"{name}\"",
            T => null,
            // The missing space after the name is in the text of servers (Hasura 2.48).
            _ => $"field \"{name}\"of table \"{table}\" is not a {noun}",
        };

    private static void Forget(SchemaCache cache, ObjectId id)
    {
        if (id.Kind is ObjectKind.Relationship or ObjectKind.ComputedField or ObjectKind.RemoteRelationship)
        {
            cache.FindTable(id.Source, id.Table)?.Fields.Remove(id.Name);
        }
        else if (id.Kind == ObjectKind.Function)
        {
            cache.Functions.Remove((id.Source, id.Table));
        }
    }
}
