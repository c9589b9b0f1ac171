using System.Collections;

namespace HasuraMigrations.Engine.Processes;

/// <summary>The environment of the process, with names compared as its system compares them.</summary>
internal static class ProcessVariables
{
    /// <summary>How names are compared.</summary>
    /// <param name="ignoreCase">Null for the rule of this system.</param>
    internal static StringComparer Names(bool? ignoreCase) =>
        ignoreCase ?? OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>
    /// The variables under that comparison. Of names that differ by case only, which a parent process can make on Windows
    /// too, the first in ordinal order counts.
    /// </summary>
    internal static IReadOnlyDictionary<string, string> Copy(IEnumerable<KeyValuePair<string, string>> variables, StringComparer names)
    {
        var copy = new Dictionary<string, string>(names);
        foreach (var (name, value) in variables.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            copy.TryAdd(name, value);
        }

        return copy;
    }

    /// <summary>The variables of this process.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> All() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => KeyValuePair.Create((string)e.Key, (string?)e.Value ?? ""));
}
