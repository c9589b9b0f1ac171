using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>Whether what roles can do is the same, but for what is gone.</summary>
internal static class MutantAccess
{
    /// <summary>What a role lost or gained without need; null for nothing.</summary>
    public static string? Problem(MetadataState before, MetadataState after, IReadOnlyList<CatalogChange> changes)
    {
        var lost = before.Cache.Objects.Keys.FirstOrDefault(o => o.Kind == ObjectKind.Permission && !after.Cache.Objects.ContainsKey(Moved(o, changes)) && !IsGone(ObjectId.OfTable(o.Source, o.Table), changes));
        if (lost.Kind == ObjectKind.Permission)
        {
            return $"the {ObjectNames.Describe(lost)} is lost";
        }

        var (old, now) = (RoleAccess.Of(before).All, RoleAccess.Of(after).All);
        var moved = old.Select(a => a with { Target = Moved(a.Target, changes) }).ToHashSet();
        var gained = now.FirstOrDefault(a => !moved.Contains(a) && a.Role != RoleAccess.Admin);
        if (gained.Role is not null)
        {
            return $"{gained.Role} gains {gained.Operation} of {ObjectNames.Describe(gained.Target)}";
        }

        var missing = old.FirstOrDefault(a => a.Target.Kind == ObjectKind.Column && !now.Contains(a with { Target = Moved(a.Target, changes) }) && !IsGone(a.Target, changes) && !IsGone(ObjectId.OfTable(a.Target.Source, a.Target.Table), changes));
        return missing.Role is null ? null : $"{missing.Role} loses {missing.Operation} of {ObjectNames.Describe(missing.Target)}";
    }

    private static bool IsGone(ObjectId id, IReadOnlyList<CatalogChange> changes) => changes.Any(c => c.Kind == CatalogChangeKind.Dropped && c.Before == id);

    private static ObjectId Moved(ObjectId id, IReadOnlyList<CatalogChange> changes)
    {
        var own = changes.FirstOrDefault(c => c.Kind == CatalogChangeKind.Renamed && c.Before == id);
        if (own is not null)
        {
            return own.After!.Value;
        }

        var table = id.Kind is ObjectKind.Function or ObjectKind.Action ? null : changes.FirstOrDefault(c => c.Kind == CatalogChangeKind.Renamed && c.Before == ObjectId.OfTable(id.Source, id.Table));
        return table is null ? id : id with { Table = table.After!.Value.Table };
    }
}
