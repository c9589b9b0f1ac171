using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Recognises connection strings where something else was expected. In the engine, whose patterns are compiled ahead.</summary>
public static partial class ConnectionText
{
    /// <summary>True for text that may hold a password, so that no error may repeat it.</summary>
    public static bool MayHoldPassword(string text) => Beginning().IsMatch(text);

    // A URL, what stands before a host without its scheme, or a keyword of a connection string.
    [GeneratedRegex(@"://|^[^/\\\s]*:[^/\\]*@|\b(?:host|hostaddr|server|data source|port|user|user ?id|username|uid|dbname|sslpassword|pass\w*|pwd|psw)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Beginning();
}
