using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// Names of what statements may drop. It is read from the words of the statements, those in bodies and strings too, so that it is
/// rather too much than too little; what a name is taken from at run time is not seen.
/// </summary>
internal sealed partial class DroppedNames
{
    // Statements that leave rows as they are, and who sees them, unless one of the words below is in them.
    private static readonly string[] OfSchema = ["alter", "drop", "create", "comment", "grant", "revoke"];
    private static readonly string[] OfRows = ["update", "insert", "delete", "merge", "copy", "truncate", "using", "execute", "call", "do", "select", "view", "policy", "security"];

    private readonly List<Drop> _drops = [];

    private DroppedNames()
    {
    }

    /// <summary>True where nothing is dropped.</summary>
    internal bool IsNothing => _drops.Count == 0;

    /// <summary>True where statements may change rows that are there, as far as their words tell.</summary>
    internal bool MayChangeRows { get; private set; }

    /// <summary>Reads statements.</summary>
    internal static DroppedNames Of(IEnumerable<ChangeStatement> statements)
    {
        var names = new DroppedNames();
        foreach (var statement in statements)
        {
            var words = Words(statement.Sql);
            var first = Word().Matches(statement.Sql).Take(2).Select(m => m.Value.ToLowerInvariant()).ToList();
            names.MayChangeRows |= !OfSchema.Contains(first.FirstOrDefault()) || OfRows.Any(words.Contains);
            if (words.Contains("drop"))
            {
                names._drops.Add(new Drop(statement, words, IsOfTable: first is ["alter", "table"], IsOfSchema: !(first is ["drop", not "schema"] or ["alter", _])));
            }
        }

        return names;
    }

    /// <summary>The statement that may drop an object itself; null where none does.</summary>
    internal ChangeStatement? Find(ObjectId id) => _drops.Find(d => Names(d, id))?.Statement;

    private static bool Names(Drop drop, ObjectId id) => id.Kind switch
    {
        ObjectKind.DatabaseSchema => drop.IsOfSchema && drop.Words.Contains(id.Name),
        ObjectKind.Table or ObjectKind.Function or ObjectKind.DatabaseType or ObjectKind.Sequence => !drop.IsOfTable && drop.Words.Contains(id.Table.Name),
        ObjectKind.Column or ObjectKind.ForeignKey or ObjectKind.Constraint or ObjectKind.Index => drop.Words.Contains(id.Name) && drop.Words.Contains(id.Table.Name),
        _ => false,
    };

    // Names without quotes are in lower case (PostgreSQL manual, Lexical Structure).
    private static HashSet<string> Words(string sql)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var word in Word().Matches(sql).Select(m => m.Value))
        {
            words.Add(word[0] == '"' ? word[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : word.ToLowerInvariant());
        }

        return words;
    }

    [GeneratedRegex("\"(?:[^\"]|\"\")+\"|[\\p{L}_][\\p{L}\\p{N}_$]*")]
    private static partial Regex Word();

    // ALTER TABLE drops no more than parts of a table.
    private sealed record Drop(ChangeStatement Statement, HashSet<string> Words, bool IsOfTable, bool IsOfSchema);
}
