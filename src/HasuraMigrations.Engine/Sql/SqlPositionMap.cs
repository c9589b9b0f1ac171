namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Lines and columns of a text. Line starts and, for each block of characters, the code points made of two units before it
/// are collected once, so that a place far into a long line is found without walking the line.
/// </summary>
internal sealed class SqlPositionMap
{
    private const int Block = 4096;

    private readonly string _text;
    private readonly List<int> _lineStarts = [0];
    private readonly int[] _pairsBefore;

    public SqlPositionMap(string text)
    {
        _text = text;
        _pairsBefore = new int[text.Length / Block + 1];
        CollectLines();
        CollectPairs();
    }

    public SqlPosition PositionOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, _text.Length);
        if (index > 0 && index < _text.Length && char.IsSurrogatePair(_text[index - 1], _text[index]))
        {
            index--;
        }
        var found = _lineStarts.BinarySearch(index);
        var line = found >= 0 ? found : ~found - 1;
        var start = _lineStarts[line];
        return new(line + 1, index - start - (PairsBefore(index) - PairsBefore(start)) + 1);
    }

    private void CollectLines()
    {
        var at = 0;
        while (true)
        {
            var step = _text.AsSpan(at).IndexOfAny('\n', '\r');
            if (step < 0)
            {
                return;
            }
            at += step + (_text[at + step] == '\r' && at + step + 1 < _text.Length && _text[at + step + 1] == '\n' ? 2 : 1);
            _lineStarts.Add(at);
        }
    }

    private void CollectPairs()
    {
        for (var block = 1; block < _pairsBefore.Length; block++)
        {
            _pairsBefore[block] = _pairsBefore[block - 1] + CountPairs((block - 1) * Block, block * Block);
        }
    }

    private int PairsBefore(int index) => _pairsBefore[index / Block] + CountPairs(index / Block * Block, index);

    /// <summary>Surrogate pairs whose second half starts before <paramref name="to"/> and not before <paramref name="from"/>.</summary>
    private int CountPairs(int from, int to)
    {
        var count = 0;
        for (var at = from; at < to; at++)
        {
            var step = _text.AsSpan(at, to - at).IndexOfAnyInRange('\uDC00', '\uDFFF');
            if (step < 0)
            {
                break;
            }
            at += step;
            if (at > 0 && char.IsHighSurrogate(_text[at - 1]))
            {
                count++;
            }
        }
        return count;
    }
}
