using System.Collections;
using System.Globalization;
using System.Net;
using System.Security;

namespace HasuraMigrations.Abstractions;

/// <summary>Reads the values of variables as a user gives them.</summary>
internal static class VariableInput
{
    /// <summary>Texts by name; none for null.</summary>
    /// <exception cref="HasuraMigrationException">VariableValueInvalid; no value is quoted.</exception>
    internal static Dictionary<string, string> Read(IDictionary? table, string parameter = "-Variable")
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table ?? new Hashtable())
        {
            var name = $"{Secrets.Bare(entry.Key)}";
            if (!values.TryAdd(name, Text(name, Secrets.Bare(entry.Value), parameter)))
            {
                throw Invalid(name, parameter, "is given twice, with another case");
            }
        }

        return values;
    }

    private static string Text(string name, object? value, string parameter) => value switch
    {
        string text => text,
        SecureString secure => new NetworkCredential("", secure).Password,
        bool flag => flag ? "true" : "false",
        char or byte or sbyte or short or ushort or int or uint or long or ulong or decimal or float or double or Guid => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        DateTime or DateTimeOffset => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        null => throw Invalid(name, parameter, "is null"),
        _ => throw Invalid(name, parameter, $"is a {value.GetType().Name}, which has no text of its own"),
    };

    private static HasuraMigrationException Invalid(string name, string parameter, string why) => new("VariableValueInvalid", $"The variable '{name}' of {parameter} {why}.", name)
    {
        RecommendedAction = "Give a text, a SecureString, a number, a boolean or a date.",
    };
}
