using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>What a database contains, of a dump with one INSERT for each row: objects, privileges, rows, and values of sequences.</summary>
internal sealed partial class DatabaseContents
{
    private const int MaximumShown = 300;

    // Objects in the order of the dump; rows by the text before their values, which names table and columns.
    private readonly List<string> _objects = [];
    private readonly Dictionary<string, List<string[]>> _rows = new(StringComparer.Ordinal);

    private DatabaseContents()
    {
    }

    /// <summary>Options of pg_dump for such a dump.</summary>
    internal static IReadOnlyList<string> Options { get; } = ["--column-inserts"];

    /// <summary>Reads a dump.</summary>
    internal static DatabaseContents Of(string dump)
    {
        var contents = new DatabaseContents();
        foreach (var statement in SqlScript.Parse(dump).Statements.Where(s => s.Class is not (SqlStatementClass.MetaCommand or SqlStatementClass.Set) && s.Settings.Count == 0))
        {
            var text = statement.Text;
            if (text.StartsWith("INSERT INTO ", StringComparison.Ordinal) && Values(text) is var (head, values))
            {
                (contents._rows.TryGetValue(head, out var rows) ? rows : contents._rows[head] = []).Add(values);
            }
            else
            {
                contents._objects.Add(text);
            }
        }

        return contents;
    }

    /// <summary>The same without the triggers that a server creates for event triggers, which belong to the metadata.</summary>
    internal DatabaseContents WithoutEventTriggers()
    {
        var contents = new DatabaseContents();
        contents._objects.AddRange(_objects.Where(o => !EventTrigger().IsMatch(o)));
        foreach (var (head, rows) in _rows)
        {
            contents._rows.Add(head, rows);
        }

        return contents;
    }

    /// <summary>How another database differs, in a sentence; null where it does not.</summary>
    /// <param name="other">The other database.</param>
    /// <param name="again">
    /// Reads a database that was made in the same way as this one. Values that differ there, such as times and random numbers, are not
    /// compared, in rows and in the definitions of objects.
    /// </param>
    internal async Task<string?> DifferenceAsync(DatabaseContents other, Func<Task<DatabaseContents>> again)
    {
        var (missing, added) = (Without(_objects, other._objects), Without(other._objects, _objects));
        var tables = _rows.Keys.Union(other._rows.Keys).Where(t => !Same(Lines(t, []), other.Lines(t, []))).ToList();
        if (missing.Count + added.Count + tables.Count == 0)
        {
            return null;
        }

        var second = await again().ConfigureAwait(false);
        RemoveChanging(second, missing, added);
        if (missing.Count + added.Count > 0)
        {
            return $"{(missing.Count > 0 ? $"Not created: {Short(missing[0])}. " : "")}{(added.Count > 0 ? $"Created instead: {Short(added[0])}." : "")}".TrimEnd();
        }

        foreach (var table in tables)
        {
            var changing = Changing(table, second);
            var (mine, theirs) = (Lines(table, changing), other.Lines(table, changing));
            if (!Same(mine, theirs))
            {
                return $"{mine.Count} row(s) of {table["INSERT INTO ".Length..]} were expected, and {theirs.Count} found{(Without(mine, theirs) is [var row, ..] ? $"; missing: {Short(row)}" : "")}.";
            }
        }

        return null;
    }

    // What was made in the same way has its objects in the same order.
    private void RemoveChanging(DatabaseContents second, List<string> missing, List<string> added)
    {
        if (second._objects.Count != _objects.Count)
        {
            return;
        }

        foreach (var text in missing.ToList())
        {
            if (ChangingLiterals.Of(text, second._objects[_objects.IndexOf(text)]) is { } changing && added.Find(changing.Fits) is { } found)
            {
                missing.Remove(text);
                added.Remove(found);
            }
        }
    }

    // Columns whose values are others each time.
    private HashSet<int> Changing(string table, DatabaseContents second)
    {
        var (mine, again) = (_rows.GetValueOrDefault(table) ?? [], second._rows.GetValueOrDefault(table) ?? []);
        return mine.Count != again.Count || mine.Count == 0 ? [] : [.. Enumerable.Range(0, mine[0].Length).Where(c => !Same(Column(mine, c), Column(again, c)))];
    }

    private static List<string> Column(List<string[]> rows, int column) => [.. rows.Select(r => r[column])];

    private List<string> Lines(string table, HashSet<int> without) =>
        [.. (_rows.GetValueOrDefault(table) ?? []).Select(r => string.Join(", ", r.Where((_, i) => !without.Contains(i))))];

    // In any order: that of rows follows where they were stored, and that of objects may follow their numbers.
    private static bool Same(List<string> left, List<string> right) =>
        left.Count == right.Count && left.Order(StringComparer.Ordinal).SequenceEqual(right.Order(StringComparer.Ordinal), StringComparer.Ordinal);

    private static List<string> Without(List<string> from, List<string> without)
    {
        var counts = without.GroupBy(s => s, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return [.. from.Where(s => !counts.TryGetValue(s, out var left) || (counts[s] = left - 1) < 0)];
    }

    private static string Short(string text)
    {
        var line = Printable.Of(text.ReplaceLineEndings(" "));
        return $"'{(line.Length > MaximumShown ? $"{line[..MaximumShown]} ..." : line)}'";
    }

    private static (string Head, string[] Values)? Values(string insert)
    {
        var lexer = new SqlLexer(insert, 0, insert.Length, standardConformingStrings: true);
        var values = new List<string>();
        var (head, depth, from) = (-1, 0, 0);
        for (var token = lexer.Next(); token.Kind != SqlTokenKind.End; token = lexer.Next())
        {
            switch (token.Kind)
            {
                case SqlTokenKind.Word when head < 0 && depth == 0 && insert.AsSpan(token.Start, token.Length).SequenceEqual("VALUES"):
                    head = token.Start;
                    break;
                case SqlTokenKind.OpenParenthesis when depth++ == 0 && head >= 0:
                    from = token.End;
                    break;
                case SqlTokenKind.Comma when depth == 1 && head >= 0:
                    values.Add(insert[from..token.Start].Trim());
                    from = token.End;
                    break;
                case SqlTokenKind.CloseParenthesis when --depth == 0 && head >= 0:
                    values.Add(insert[from..token.Start].Trim());
                    break;
            }
        }

        return head < 0 ? null : (insert[..head].TrimEnd(), [.. values]);
    }

    [GeneratedRegex("""^CREATE TRIGGER "?notify_hasura_""", RegexOptions.CultureInvariant)]
    private static partial Regex EventTrigger();
}
