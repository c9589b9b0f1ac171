namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>
/// Names of users and databases are shown in messages, so a value that may hold another parameter, such as a password
/// behind a lost separator, is not taken for one.
/// </summary>
internal static class VisibleText
{
    private const string Plain = "_-.+$@";

    /// <summary>Refuses a value that cannot be told from a mistake.</summary>
    /// <param name="what">What it is the name of.</param>
    /// <param name="pair">The parameter.</param>
    /// <exception cref="ConnectionTextException">It holds characters of another parameter; it is not quoted in the message.</exception>
    internal static void Check(string what, ConnectionPair pair)
    {
        var value = pair.Value;
        if (value.Any(char.IsControl) || value.AsSpan().IndexOfAny('=', ';') >= 0 || value.Contains("://", StringComparison.Ordinal)
            || (!pair.IsQuoted && value.Any(c => !char.IsLetterOrDigit(c) && !Plain.Contains(c))))
        {
            throw new ConnectionTextException($"the name of the {what} contains a character that separates parameters; quote such a value, or percent-encode it in a URL");
        }
    }
}
