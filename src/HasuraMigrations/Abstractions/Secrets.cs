using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security;

namespace HasuraMigrations.Abstractions;

/// <summary>Reads what was given as a connection: text, a secure string, or a table of them.</summary>
internal static class Secrets
{
    private static readonly string[] SecretMarks = ["://", "password=", "pwd="];
    private static readonly string[] ConnectionMarks = [.. SecretMarks, "host=", "server="];

    /// <summary>One text; null for null.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionStringInvalid; the value is not quoted.</exception>
    internal static string? Text(object? value) => Bare(value) switch
    {
        null => null,
        string { Length: > 0 } text => text,
        SecureString { Length: > 0 } secure => new NetworkCredential("", secure).Password,
        var other => throw new HasuraMigrationException("ConnectionStringInvalid", other is string or SecureString ? "The connection string is empty." : $"A connection string cannot be read from a {other.GetType().Name}."),
    };

    /// <summary>The table of texts by database name; null where the value is not a table.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionStringInvalid.</exception>
    internal static IReadOnlyDictionary<string, string>? Table(object? value) =>
        Bare(value) is IDictionary table
            ? table.Keys.Cast<object>().ToDictionary(
                k => k.ToString()!,
                k => Text(table[k]) ?? throw new HasuraMigrationException("ConnectionStringInvalid", $"The connection string for '{k}' is empty.", k.ToString()),
                StringComparer.Ordinal)
            : null;

    /// <summary>True for text that may hold a password where a path was expected, so that no error may repeat it.</summary>
    internal static bool MayHoldPassword(string text) => SecretMarks.Any(m => text.Contains(m, StringComparison.OrdinalIgnoreCase));

    /// <summary>True for text that names a database or server, well or badly written.</summary>
    internal static bool LooksLikeConnection(string text) =>
        !text.TrimStart().StartsWith('{') && ConnectionMarks.Any(m => text.Contains(m, StringComparison.OrdinalIgnoreCase));

    /// <summary>A value without the wrapping that the shell puts around objects.</summary>
    internal static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
