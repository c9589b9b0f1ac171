using System.Globalization;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>The text of numbers.</summary>
internal static class YamlNumbers
{
    /// <summary>A number of JSON as the CLI of an era writes it.</summary>
    /// <param name="json">The number as JSON.</param>
    /// <param name="isOld">True for the CLI before 2.5, whose fractions went through a float.</param>
    internal static string Format(string json, bool isOld)
    {
        if (json.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            return json;
        }

        return isOld && IsExact(json) ? AsGo(double.Parse(json, CultureInfo.InvariantCulture)) : WithPoint(json.Replace('E', 'e'));
    }

    // CLI 2.5 and newer reads an exponent without a point as text.
    private static string WithPoint(string json)
    {
        var exponent = json.IndexOf('e', StringComparison.Ordinal);
        if (exponent < 0 || json.Contains('.', StringComparison.Ordinal))
        {
            return json;
        }

        var sign = json[exponent + 1] is '-' or '+' ? "" : "+";
        return $"{json[..exponent]}.0e{sign}{json[(exponent + 1)..]}";
    }

    // A number with more digits than a float holds keeps them.
    private static bool IsExact(string json)
    {
        var digits = json.AsSpan();
        if (digits.IndexOfAny('e', 'E') is >= 0 and var exponent)
        {
            digits = digits[..exponent];
        }

        return digits.Length <= 15 && double.Parse(json, CultureInfo.InvariantCulture) is var value && double.IsFinite(value) && (value != 0 || digits.IndexOfAnyInRange('1', '9') < 0);
    }

    // Go prints the shortest text that gives the float, with an exponent from 1e+06 on and below 1e-04.
    private static string AsGo(double value)
    {
        if (value == 0)
        {
            return double.IsNegative(value) ? "-0" : "0";
        }

        var sign = value < 0 ? "-" : "";
        var (digits, exponent) = Digits(value.ToString("R", CultureInfo.InvariantCulture));
        return sign + exponent switch
        {
            < -4 or >= 6 => $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}",
            < 0 => "0." + new string('0', -exponent - 1) + digits,
            _ when digits.Length <= exponent + 1 => digits.PadRight(exponent + 1, '0'),
            _ => digits[..(exponent + 1)] + "." + digits[(exponent + 1)..],
        };
    }

    private static (string Digits, int Exponent) Digits(string text)
    {
        var mantissa = text.TrimStart('-');
        var power = 0;
        if (mantissa.IndexOf('E', StringComparison.Ordinal) is >= 0 and var e)
        {
            power = int.Parse(mantissa.AsSpan(e + 1), CultureInfo.InvariantCulture);
            mantissa = mantissa[..e];
        }

        var point = mantissa.IndexOf('.', StringComparison.Ordinal) is >= 0 and var at ? at : mantissa.Length;
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = all.Length - all.TrimStart('0').Length;
        var digits = all.Trim('0');
        return (digits, point - leading - 1 + power);
    }
}
