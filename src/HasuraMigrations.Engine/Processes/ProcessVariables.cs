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
        var taken = new Dictionary<string, string>(names);
        foreach (var (name, value) in variables)
        {
            if (!taken.TryGetValue(name, out var other) || string.CompareOrdinal(name, other) < 0)
            {
                taken[name] = name;
                copy.Remove(name);
                copy.Add(name, value);
            }
        }

        return copy;
    }

    /// <summary>The variables of this process.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> All()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            yield return KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? "");
        }
    }
}
