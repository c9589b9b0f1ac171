namespace HasuraMigrations.Engine.Sql;

/// <summary>Boolean values as the server reads them in settings: on, off, true, false, yes, no, 1, 0 and their beginnings.</summary>
internal static class SqlBooleans
{
    public static bool IsTrue(string? value) => Parse(value) == true;

    /// <summary>The value, or null where the server would refuse it.</summary>
    public static bool? Parse(string? value)
    {
        var word = value?.Trim().ToLowerInvariant() ?? "";
        if (word.Length == 0)
        {
            return null;
        }
        if (word is "1" or "on" || "true".StartsWith(word, StringComparison.Ordinal)
            || "yes".StartsWith(word, StringComparison.Ordinal))
        {
            return true;
        }
        return word is "0" or "of" or "off" || "false".StartsWith(word, StringComparison.Ordinal)
            || "no".StartsWith(word, StringComparison.Ordinal) ? false : null;
    }
}
