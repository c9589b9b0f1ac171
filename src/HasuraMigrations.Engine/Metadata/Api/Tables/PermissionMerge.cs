

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>Makes one permission of those that a role inherits: it may read what any of its parents may.</summary>
internal static class PermissionMerge
{
    internal static SelectPermission? Merge(ApiTable table, List<SelectPermission> parents)
    {
        if (!table.Source.Naming.Features.HasNestedRedaction)
        {
            parents = parents.ConvertAll(p => p.Unredacted());
        }

        if (parents.Count < 2 || parents.TrueForAll(p => ReferenceEquals(p, parents[0])))
        {
            return parents.FirstOrDefault();
        }

        var columns = table.Columns.Where(c => parents.Exists(p => p.Has(c))).ToArray();
        var redacted = table.Columns.Select(c => !parents.TrueForAll(p => p.Has(c) && !p.IsRedacted(c))).ToArray();
        return new SelectPermission
        {
            Columns = columns,
            // A column that one of the parents may not read is null in the rows that come from that parent alone (Hasura, inherited roles).
            Redacted = Array.Exists(columns, c => redacted[c.Index]) ? redacted : null,
            Computed = Union(parents.Select(p => p.Computed)),
            HasAggregates = parents.Exists(p => p.HasAggregates),
            QueryRoots = Union(parents.Select(p => p.QueryRoots)),
            SubscriptionRoots = Union(parents.Select(p => p.SubscriptionRoots)),
        };
    }

    private static HashSet<string>? Union(IEnumerable<IReadOnlySet<string>?> sets)
    {
        var union = new HashSet<string>(StringComparer.Ordinal);
        foreach (var set in sets)
        {
            if (set is null)
            {
                return null;
            }

            union.UnionWith(set);
        }

        return union;
    }
}
