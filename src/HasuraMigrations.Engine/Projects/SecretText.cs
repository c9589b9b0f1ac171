using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Projects;

/// <summary>The one place that knows which parts of a text are secrets: of URLs, connection strings and headers.</summary>
internal static partial class SecretText
{
    /// <summary>What stands for a secret.</summary>
    internal const string Hidden = "***";

    private static readonly HashSet<string> HarmlessHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection", "content-encoding", "content-language",
        "content-type", "forwarded", "host", "origin", "referer", "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
        "x-hasura-client-name", "x-hasura-role", "x-hasura-user-id", "x-request-id", "x-requested-with",
    };

    /// <summary>True for a header whose value may be shown; of any other nobody knows.</summary>
    internal static bool IsHarmlessHeader(string name) => HarmlessHeaders.Contains(name);

    /// <summary>True for the name of a header, parameter or key whose value is a secret as far as the name tells.</summary>
    internal static bool IsSecretName(string name) => !IsHarmlessHeader(name) && SecretWord().IsMatch(name);

    /// <summary>True for a connection string, of whatever form, with a password in it.</summary>
    internal static bool HoldsPassword(string connection) => Password().IsMatch(connection) || SecretParameter().IsMatch(connection) || PasswordKeyword().IsMatch(connection);

    /// <summary>A text without the passwords and tokens of the URLs in it.</summary>
    internal static string OfUrls(string text) => text.Contains("://", StringComparison.Ordinal)
        ? SecretParameter().Replace(UserAlone().Replace(Password().Replace(text, Hidden), Hidden), Hidden)
        : text;

    /// <summary>A connection string as far as it can be shown: a URL without its secrets and parameters, and nothing of any other form.</summary>
    internal static string OfConnection(string text) =>
        text.Length == 0 || text.Contains("{{", StringComparison.Ordinal) ? text
        : text.Contains("://", StringComparison.Ordinal) ? Parameters().Replace(OfUrls(text), $"?{Hidden}")
        : Hidden;

    // Up to the last @ of the authority: people forget to escape one in a password.
    [GeneratedRegex(@"(?<=\b[a-z][a-z0-9+.-]*://[^/?#\s:@]*:)[^/?#\s]+(?=@)", RegexOptions.IgnoreCase)]
    private static partial Regex Password();

    // A token may stand where the user does.
    [GeneratedRegex(@"(?<=\b[a-z][a-z0-9+.-]*://)[^/?#\s:@]{1,}(?=@)", RegexOptions.IgnoreCase)]
    private static partial Regex UserAlone();

    [GeneratedRegex(@"(?<=[?&][^=&#\s]*(?:auth|code|credential|key|pass|pwd|secret|session|sig|token)[^=&#\s]*=)[^&#\s]+", RegexOptions.IgnoreCase)]
    private static partial Regex SecretParameter();

    [GeneratedRegex(@"\b(?:password|pwd)\s*=\s*\S", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordKeyword();

    [GeneratedRegex(@"\?.*$", RegexOptions.Singleline)]
    private static partial Regex Parameters();

    [GeneratedRegex("auth|cookie|credential|key|pass|pwd|secret|session|signature|token", RegexOptions.IgnoreCase)]
    private static partial Regex SecretWord();
}
