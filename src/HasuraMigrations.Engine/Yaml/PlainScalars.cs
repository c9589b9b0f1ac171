using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>What a scalar without quotes means: text, null, a boolean or a number. Used both to read and to know what needs quotes.</summary>
internal static partial class PlainScalars
{
    internal enum Meaning
    {
        Text,
        Null,
        True,
        False,
        Number,

        /// <summary>Infinity or not-a-number, which JSON does not have.</summary>
        NotFinite,
    }

    /// <summary>The meaning as go-yaml v3 has it, but a number with an exponent and no point is a number too.</summary>
    internal static Meaning Resolve(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => Meaning.Null,
        "true" or "True" or "TRUE" => Meaning.True,
        "false" or "False" or "FALSE" => Meaning.False,
        _ when !MayBeNumber(text[0]) => Meaning.Text,
        _ when NotFinite().IsMatch(text) => Meaning.NotFinite,
        _ when Number(text) is not null => Meaning.Number,
        _ => Meaning.Text,
    };

    /// <summary>The JSON text of a number; null where the text is none. Valid JSON stays as it is written.</summary>
    internal static string? Number(string text)
    {
        if (JsonNumber().IsMatch(text))
        {
            return text;
        }

        var plain = text.Replace("_", "", StringComparison.Ordinal);
        return plain.Length == 0 || text[0] == '_' ? null : Prefixed(plain) ?? Octal(plain) ?? Decimal(plain);
    }

    /// <summary>True for a date or a date with a time, which go-yaml reads as such.</summary>
    internal static bool IsTimestamp(string text) =>
        text.Length > 5
        && text[4] == '-'
        && Timestamp().Match(text) is { Success: true } match
        && int.Parse(match.Groups["y"].ValueSpan, CultureInfo.InvariantCulture) is var year
        && int.Parse(match.Groups["m"].ValueSpan, CultureInfo.InvariantCulture) is >= 1 and <= 12 and var month
        && int.Parse(match.Groups["d"].ValueSpan, CultureInfo.InvariantCulture) is >= 1 and var day
        && day <= DateTime.DaysInMonth(Math.Max(year, 1), month)
        && (!match.Groups["h"].Success || (IsBelow(match.Groups["h"], 24) && IsBelow(match.Groups["n"], 60) && IsBelow(match.Groups["s"], 60)));

    /// <summary>True for digits with colons, which old readers take for a number to the base of 60.</summary>
    internal static bool IsSexagesimal(string text) => MayBeNumber(text.Length == 0 ? 'x' : text[0]) && Sexagesimal().IsMatch(text);

    /// <summary>True for what CLI 2.5 and newer puts in quotes because it looks like a time or a date.</summary>
    internal static bool LooksLikeTime(string text) => TimeLike().IsMatch(text);

    internal static bool MayBeNumber(char first) => first is >= '0' and <= '9' or '+' or '-' or '.';

    private static bool IsBelow(Group group, int limit) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) < limit;

    // A prefixed number that does not fit in 64 bits is text, so that an address of a block chain needs no quotes.
    private static string? Prefixed(string plain)
    {
        var match = PrefixedNumber().Match(plain);
        if (!match.Success)
        {
            return null;
        }

        var digits = match.Groups["digits"].Value;
        var bitsPerDigit = match.Groups["base"].Value[0] switch { 'x' or 'X' => 4, 'o' or 'O' => 3, _ => 1 };
        return InBase(digits, bitsPerDigit) is { } value && value <= ulong.MaxValue ? Signed(match.Groups["sign"].Value, value) : null;
    }

    private static string? Octal(string plain)
    {
        var match = OldOctal().Match(plain);
        return match.Success && InBase(match.Groups["digits"].Value, 3) is { } value && value <= ulong.MaxValue ? Signed(match.Groups["sign"].Value, value) : null;
    }

    private static string? Decimal(string plain)
    {
        var match = AnyFloat().Match(plain);
        if (!match.Success)
        {
            return null;
        }

        var whole = match.Groups["whole"].Value.TrimStart('0');
        var fraction = match.Groups["fraction"].Value;
        return (match.Groups["sign"].Value == "-" ? "-" : "")
            + (whole.Length == 0 ? "0" : whole)
            + (match.Groups["point"].Success ? "." + (fraction.Length == 0 ? "0" : fraction) : "")
            + match.Groups["exponent"].Value;
    }

    private static BigInteger? InBase(string digits, int bitsPerDigit)
    {
        if (digits.Length > 70)
        {
            return null;
        }

        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            var number = Convert.ToInt32(digit.ToString(), 16);
            if (number >> bitsPerDigit != 0)
            {
                return null;
            }

            value = (value << bitsPerDigit) + number;
        }

        return value;
    }

    private static string Signed(string sign, BigInteger value) => (sign == "-" ? "-" : "") + value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"\A(?<sign>[-+]?)0(?<base>[xXoObB])(?<digits>[0-9a-fA-F]+)\z")]
    private static partial Regex PrefixedNumber();

    [GeneratedRegex(@"\A(?<sign>[-+]?)0(?<digits>[0-7]+)\z")]
    private static partial Regex OldOctal();

    [GeneratedRegex(@"\A(?<sign>[-+]?)(?=\.?[0-9])(?<whole>[0-9]*)(?<point>\.(?<fraction>[0-9]*))?(?<exponent>[eE][-+]?[0-9]+)?\z")]
    private static partial Regex AnyFloat();

    [GeneratedRegex(@"\A([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex NotFinite();

    [GeneratedRegex(@"\A(?<y>[0-9]{4})-(?<m>[0-9]{1,2})-(?<d>[0-9]{1,2})(([Tt](?<h>[0-9]{1,2}):(?<n>[0-9]{1,2}):(?<s>[0-9]{1,2})([.,][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2}))|( (?<h>[0-9]{1,2}):(?<n>[0-9]{1,2}):(?<s>[0-9]{1,2})([.,][0-9]+)?))?\z")]
    private static partial Regex Timestamp();

    [GeneratedRegex(@"\A[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\z")]
    private static partial Regex Sexagesimal();

    [GeneratedRegex(@"\A[\-+0-9:\. \t]+([-:]|[tT])[\-+0-9:\. \t]+[zZ]?\z")]
    private static partial Regex TimeLike();
}
