namespace HasuraMigrations.Engine.Yaml;

/// <summary>The order of keys in maps that yaml.v2 sorts (CLI 1.0): digits as numbers, letters behind other signs.</summary>
internal sealed class NaturalKeyOrder : IComparer<string>
{
    internal static readonly NaturalKeyOrder Instance = new();

    public int Compare(string? x, string? y) => Compare(x.AsSpan(), y.AsSpan());

    private static int Compare(ReadOnlySpan<char> x, ReadOnlySpan<char> y)
    {
        var i = x.CommonPrefixLength(y);
        if (i == x.Length || i == y.Length)
        {
            return x.Length - y.Length;
        }

        var (xIsLetter, yIsLetter) = (char.IsLetter(x[i]), char.IsLetter(y[i]));
        if (xIsLetter || yIsLetter)
        {
            return xIsLetter && yIsLetter ? x[i] - y[i] : xIsLetter ? 1 : -1;
        }

        // A zero behind other digits is part of their number, not the start of one.
        var lead = (x[i] == '0' || y[i] == '0') && IsBehindNumber(x[..i]) ? 1L : 0;
        var (xNumber, xEnd) = Number(x, i, lead);
        var (yNumber, yEnd) = Number(y, i, lead);
        return xNumber != yNumber ? xNumber.CompareTo(yNumber)
            : xEnd != yEnd ? xEnd - yEnd
            : x[i] - y[i];
    }

    private static bool IsBehindNumber(ReadOnlySpan<char> text)
    {
        for (var i = text.Length - 1; i >= 0 && char.IsDigit(text[i]); i--)
        {
            if (text[i] != '0')
            {
                return true;
            }
        }

        return false;
    }

    private static (long Value, int End) Number(ReadOnlySpan<char> text, int start, long lead)
    {
        var end = start;
        for (; end < text.Length && char.IsDigit(text[end]); end++)
        {
            lead = unchecked((lead * 10) + (text[end] - '0'));
        }

        return (lead, end);
    }
}
