namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Lines and columns of a text. Line starts and, for each block of characters, the code points made of two units before it
/// are collected once, so that a place far into a long line is found without walking the line.
/// </summary>
internal sealed class SqlPositionMap
{
    private const int Block = 4096;

    private readonly SqlText _text;
    private readonly List<int> _lineStarts = [0];
    private readonly int[] _pairsBefore;
    private bool _mayHavePairs;

    public SqlPositionMap(SqlText text)
    {
        _text = text;
        _pairsBefore = new int[text.Length / Block + 1];
        var at = 0;
        var last = '\0';
        foreach (var part in text.Parts())
        {
            CollectLines(part, at, last);
            CollectPairs(part, at);
            at += part.Length;
            last = part.Length > 0 ? part[^1] : last;
        }
        for (var block = 1; block < _pairsBefore.Length; block++)
        {
            _pairsBefore[block] += _pairsBefore[block - 1];
        }
    }

    public SqlPosition PositionOf(int index)
    {
        index = OfPair(index);
        var line = LineOf(index);
        var start = _lineStarts[line];
        return new(line + 1, index - start - (PairsBefore(index) - PairsBefore(start)) + 1);
    }

    /// <summary>Where the line of a place starts.</summary>
    public int LineStart(int index) => _lineStarts[LineOf(OfPair(index))];

    private int LineOf(int index) => _lineStarts.BinarySearch(index) is var found && found >= 0 ? found : ~found - 1;

    private int OfPair(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, _text.Length);
        return _mayHavePairs && index > 0 && index < _text.Length && _text.Substring(index - 1, 2) is [var high, var low] && char.IsSurrogatePair(high, low) ? index - 1 : index;
    }

    /// <summary>Collects where lines start; a line feed behind a carriage return belongs to it, also across parts.</summary>
    private void CollectLines(string part, int offset, char before)
    {
        for (var at = 0; part.AsSpan(at).IndexOfAny('\n', '\r') is >= 0 and var step;)
        {
            at += step;
            var isSecond = part[at] == '\n' && (at > 0 ? part[at - 1] : before) == '\r';
            at++;
            if (isSecond)
            {
                _lineStarts[^1] = offset + at;
            }
            else
            {
                _lineStarts.Add(offset + at);
            }
        }
    }

    /// <summary>Counts the pairs whose second half stands in a block for the block behind it.</summary>
    private void CollectPairs(string part, int offset)
    {
        for (var at = 0; part.AsSpan(at).IndexOfAnyInRange('\uDC00', '\uDFFF') is >= 0 and var step; at++)
        {
            at += step;
            _mayHavePairs = true;
            var block = (offset + at) / Block + 1;
            if (at > 0 && char.IsHighSurrogate(part[at - 1]) && block < _pairsBefore.Length)
            {
                _pairsBefore[block]++;
            }
        }
    }

    private int PairsBefore(int index)
    {
        if (!_mayHavePairs)
        {
            return 0;
        }

        var from = index / Block * Block;
        var head = Math.Min(from, 1);
        var text = _text.Substring(from - head, index - from + head);
        var count = _pairsBefore[index / Block];
        for (var at = head; at < text.Length; at++)
        {
            count += at > 0 && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]) ? 1 : 0;
        }
        return count;
    }
}
