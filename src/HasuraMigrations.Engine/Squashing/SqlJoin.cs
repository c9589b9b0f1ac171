using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>Joins SQL of several files in one text, so that each part means what it means by itself.</summary>
internal static class SqlJoin
{
    /// <summary>The items with what one file leaves in the session removed before the next.</summary>
    internal static List<SquashItem> Separated(IReadOnlyList<SquashItem> items)
    {
        var result = new List<SquashItem>();
        var left = new List<SessionLeftovers>();
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0 && items[i].File != items[i - 1].File)
            {
                var removal = SessionLeftovers.Of(left).Removal.ToList();
                if (removal.Count > 0)
                {
                    result.Add(SquashItem.Between(items[i - 1], removal));
                }

                left.Clear();
            }

            result.Add(items[i]);
            left.Add(items[i].Leftovers);
        }

        return result;
    }

    /// <summary>
    /// The first item whose statements are others in the joined text; null where all are the same. Where a part ends, and how quotes are
    /// read, may depend on what stands before.
    /// </summary>
    internal static SquashItem? FirstAmbiguous(IReadOnlyList<SquashItem> items, SqlScript joined)
    {
        var at = 0;
        foreach (var item in items)
        {
            foreach (var statement in item.Statements)
            {
                if (at >= joined.Statements.Count || joined.Statements[at++].Text != statement)
                {
                    return item;
                }
            }
        }

        return at == joined.Statements.Count ? null : items[^1];
    }
}
