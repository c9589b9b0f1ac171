namespace HasuraMigrations.Engine.Sql;

/// <summary>Which places of a text with values are which places of the text that has the variables.</summary>
/// <param name="Source">The text with the variables.</param>
/// <param name="Insertions">What stands in place of what, ascending.</param>
internal sealed record SqlOrigin(SqlText Source, IReadOnlyList<SqlInsertion> Insertions)
{
    /// <summary>The place in the source; for what is within a value, the start of the variable.</summary>
    /// <param name="index">Index in the text with values.</param>
    internal int SourceIndex(int index)
    {
        var last = LastBefore(i => i.Start <= index);
        return last is not { } insertion ? index
            : index < insertion.Start + insertion.Length ? insertion.SourceStart
            : insertion.SourceEnd + index - (insertion.Start + insertion.Length);
    }

    /// <summary>The place in the source behind what ends at an index; for what ends within a value, the end of the variable.</summary>
    /// <param name="end">Index in the text with values.</param>
    internal int SourceEnd(int end)
    {
        var last = LastBefore(i => i.Start < end);
        return last is not { } insertion ? end : insertion.SourceEnd + Math.Max(0, end - (insertion.Start + insertion.Length));
    }

    private SqlInsertion? LastBefore(Predicate<SqlInsertion> isBefore)
    {
        var (low, high) = (0, Insertions.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = isBefore(Insertions[middle]) ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? null : Insertions[low - 1];
    }
}

/// <summary>A value in place of a variable.</summary>
/// <param name="SourceStart">Index of the variable in the source.</param>
/// <param name="SourceLength">Length of the variable.</param>
/// <param name="Start">Index of the value in the text with values.</param>
/// <param name="Length">Length of the value.</param>
internal readonly record struct SqlInsertion(int SourceStart, int SourceLength, int Start, int Length)
{
    internal int SourceEnd => SourceStart + SourceLength;
}
