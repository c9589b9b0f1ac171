using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// Finds the statement that made a change of the whole: the first one of those at the end of which each leaves the thing changed. What one statement
/// drops and another makes again in another form is changed by the first of them.
/// </summary>
/// <param name="known">The catalogs before the statements, by source.</param>
/// <param name="trace">The statements.</param>
internal sealed class ChangeOrigins(IReadOnlyDictionary<string, DatabaseCatalog> known, ChangeTrace trace)
{
    private readonly IReadOnlyList<(ChangeStep Step, HashSet<(CatalogChangeKind Kind, ObjectId Before)> Changes)> _states =
        [.. trace.Steps.Select(s => (s, CatalogChange.Between(s.Source, known[s.Source], s.After).Select(c => (c.Kind, c.Before)).ToHashSet()))];

    /// <summary>The statement; null where none did it.</summary>
    internal ChangeStatement? Find(CatalogChange change)
    {
        ChangeStatement? first = null;
        foreach (var (step, changes) in _states.Reverse().Where(s => s.Step.Source == change.Before.Source))
        {
            if (!Has(changes, change))
            {
                break;
            }

            first = step.Statement;
        }

        return first;
    }

    private static bool Has(HashSet<(CatalogChangeKind Kind, ObjectId Before)> changes, CatalogChange change) =>
        changes.Contains((change.Kind, change.Before))
        || (change.Kind != CatalogChangeKind.Added && (changes.Contains((CatalogChangeKind.Dropped, change.Before)) || changes.Contains((CatalogChangeKind.Dropped, ObjectId.OfTable(change.Before.Source, change.Before.Table)))));
}
