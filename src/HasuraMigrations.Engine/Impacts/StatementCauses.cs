using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>The cause of a difference.</summary>
/// <param name="Text">What it is, as a sentence.</param>
/// <param name="Statement">The statement; null for a change of the metadata.</param>
/// <param name="File">The file of the metadata; null where none is known.</param>
/// <param name="Line">The line in it.</param>
internal sealed record ApiCause(string Text, ChangeStatement? Statement, string? File, int? Line);

/// <summary>The statements that cause differences of GraphQL schemas.</summary>
/// <param name="trace">The statements, and what each did.</param>
internal sealed class StatementCauses(ChangeTrace trace)
{
    private static readonly string[] KeyWords = ["by_pk", "ByPk", "onflict", "onstraint"];
    private static readonly string[] Comments = ["COMMENT"];
    private static readonly string[] Writes = ["INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "TRUNCATE", "WITH"];

    private readonly List<(ObjectId Before, ObjectId After)> _renames = [.. trace.Steps.SelectMany(s => s.Changes).Where(c => c.Kind == CatalogChangeKind.Renamed).Select(c => (c.Before, c.After!.Value))];
    private readonly Dictionary<ObjectId, HashSet<ObjectId>> _names = [];

    /// <summary>What became of the thing itself.</summary>
    internal ApiCause? Exact(ObjectId? id) => id is { } known ? Find(c => IsOf(known, c)) : null;

    /// <summary>What became of the thing, of one of several kinds, the likeliest first.</summary>
    internal ApiCause? OfKind(ObjectId? id, IEnumerable<CatalogChangeKind> kinds) =>
        id is { } known ? kinds.Select(k => Find(c => c.Kind == k && IsOf(known, c))).FirstOrDefault(c => c is not null) : null;

    /// <summary>The name that a thing had before, and what gave it this one; null where it had no other.</summary>
    internal (ObjectId Before, ApiCause Cause)? RenamedFrom(ObjectId? id) =>
        id is { } known && _renames.Exists(r => r.After == known) && Find(c => c.Kind == CatalogChangeKind.Renamed && c.After == known) is { } cause ? (NamesOf(known).Except(_renames.Select(r => r.After)).FirstOrDefault(known), cause) : null;

    /// <summary>What took the thing away, or its name.</summary>
    internal ApiCause? Gone(ObjectId id) => Find(c => c.Kind is CatalogChangeKind.Dropped or CatalogChangeKind.Renamed && c.Before == id);

    private bool IsOf(ObjectId id, CatalogChange change)
    {
        var names = NamesOf(id);
        return names.Contains(change.Before) || (change.After is { } after && names.Contains(after));
    }

    // Its names over all statements: what becomes of a thing between two renames becomes of it under another name.
    private HashSet<ObjectId> NamesOf(ObjectId id)
    {
        if (_names.TryGetValue(id, out var names))
        {
            return names;
        }

        names = [id];
        for (var count = 0; count != names.Count;)
        {
            count = names.Count;
            foreach (var (before, after) in _renames)
            {
                foreach (var name in names.ToList())
                {
                    if (name == before || name == after)
                    {
                        names.Add(before);
                        names.Add(after);
                    }
                    else if (before.Kind == ObjectKind.Table && (name.IsWithin(before) || name.IsWithin(after)))
                    {
                        names.Add(name with { Table = name.IsWithin(before) ? after.Table : before.Table });
                    }
                }
            }
        }

        return _names[id] = names;
    }

    private ApiCause? Find(Func<CatalogChange, bool> isMeant)
    {
        for (var i = trace.Steps.Count - 1; i >= 0; i--)
        {
            if (trace.Steps[i].Changes.FirstOrDefault(isMeant) is { } change)
            {
                return Of(trace.Steps[i].Statement, change);
            }
        }

        return null;
    }

    /// <summary>The change of a key: a row is found by the primary key, and a conflict is named by a key.</summary>
    internal ApiCause? Keyed(ObjectId table, HasuraApiChange change)
    {
        // The columns that a conflict updates are there for conflicts alone.
        var words = change.Criterion is ApiCriterion.TypeRemoved or ApiCriterion.TypeAdded ? [.. KeyWords, "pdate_column", "pdateColumn"] : KeyWords;
        if (!words.Any(w => change.Path.Contains(w, StringComparison.Ordinal)) || change.Criterion is ApiCriterion.FieldTypeChanged or ApiCriterion.ArgumentTypeChanged)
        {
            return null;
        }

        var isRow = change.Path.EndsWith("by_pk", StringComparison.Ordinal) || change.Path.EndsWith("ByPk", StringComparison.Ordinal);
        var steps = trace.Steps.Where(s => s.Source == table.Source && Changes(s)).ToList();
        return steps is [var only] ? Of(only.Statement, only.Changes.FirstOrDefault(c => c.Before.Kind == ObjectKind.Constraint && c.Before.IsWithin(table)) ?? only.Changes.FirstOrDefault(c => c.Before.IsWithin(table))) : null;

        bool Changes(ChangeStep step) => step.KeysOf(table) is var (old, now) && (isRow ? !old.Row.SequenceEqual(now.Row) : change.Criterion switch
        {
            // One key is enough for these.
            ApiCriterion.TypeRemoved or ApiCriterion.ArgumentRemoved => old.All.Count > 0 && now.All.Count == 0,
            ApiCriterion.TypeAdded or ApiCriterion.OptionalArgumentAdded => old.All.Count == 0 && now.All.Count > 0,
            _ => !old.All.SetEquals(now.All),
        });
    }

    /// <summary>The one statement that changed a table: keys, and what can be written to a view, are parts of it without a name in the API.</summary>
    internal ApiCause? Touched(ApiOwner owner)
    {
        if (owner.Id.Kind != ObjectKind.Table)
        {
            return null;
        }

        var steps = trace.Steps.Where(s => s.Source == owner.Id.Source && s.Touches(owner.Id)).ToList();
        return steps is [var only] ? Of(only.Statement, only.Changes.FirstOrDefault(c => c.Before.IsWithin(owner.Id))) : null;
    }

    /// <summary>Comments and rows are in no catalog of tables: the one statement of such a kind that names the table.</summary>
    internal ApiCause? Told(ObjectId id, HasuraApiChange change)
    {
        if (id.Table.Name is not { } name || change.Criterion is not (ApiCriterion.DescriptionChanged or ApiCriterion.EnumValueAdded or ApiCriterion.EnumValueRemoved))
        {
            return null;
        }

        var words = change.Criterion == ApiCriterion.DescriptionChanged ? Comments : Writes;
        var named = new Regex($@"(?<![\w$]){Regex.Escape(name)}(?![\w$])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        var found = trace.Statements.Where(s => words.Any(w => s.Sql.StartsWith(w, StringComparison.OrdinalIgnoreCase)) && named.IsMatch(s.Sql)).Take(2).ToList();
        return found is [var only] ? Of(only, null) : null;
    }

    /// <summary>A statement as a cause.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="change">What it did; null where its text says it.</param>
    internal static ApiCause Of(ChangeStatement statement, CatalogChange? change) =>
        new(change is null ? statement.Short : $"the {ObjectNames.Describe(change.Before)} {change.Sentence}", statement, null, null);
}
