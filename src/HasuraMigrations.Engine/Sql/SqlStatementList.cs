using System.Collections;

namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// The statements of a script. Files of inserts have millions of them, so only what differs is kept; a statement is made when it
/// is asked for.
/// </summary>
internal sealed class SqlStatementList(SqlScript script) : IReadOnlyList<SqlStatement>
{
    // In chunks, so that a long list is never copied to grow.
    private const int Chunk = 1 << 12;

    private readonly List<List<Entry>> _chunks = [];
    private readonly Dictionary<(SqlStatementClass, SqlStatementTraits), SqlStatementFacts> _plain = [];
    private readonly Dictionary<int, Places> _places = [];

    public int Count => _chunks.Count == 0 ? 0 : (_chunks.Count - 1) * Chunk + _chunks[^1].Count;

    public SqlStatement this[int index]
    {
        get
        {
            var entry = _chunks[index / Chunk][index % Chunk];
            var places = _places.GetValueOrDefault(index);
            return new(script, index + 1, entry.Start, entry.Length, entry.Facts)
            {
                ParameterIndex = places.Parameter,
                MetaCommandIndex = places.MetaCommand,
                NulIndex = places.Nul,
            };
        }
    }

    /// <summary>Adds the next statement and returns it.</summary>
    public SqlStatement Add(int start, int length, SqlStatementFacts facts, Places places)
    {
        if (places != default)
        {
            _places.Add(Count, places);
        }

        if (Count % Chunk == 0)
        {
            _chunks.Add([]);
        }

        _chunks[^1].Add(new(start, length, facts.IsPlain ? Shared(facts) : facts));
        return this[Count - 1];
    }

    public IEnumerator<SqlStatement> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private SqlStatementFacts Shared(SqlStatementFacts facts) =>
        _plain.TryGetValue((facts.Class, facts.Traits), out var known) ? known : _plain[(facts.Class, facts.Traits)] = facts;

    private readonly record struct Entry(int Start, int Length, SqlStatementFacts Facts);

    /// <summary>Where in the text what findings name stands first; null where it does not.</summary>
    internal readonly record struct Places(int? Parameter, int? MetaCommand, int? Nul);
}
