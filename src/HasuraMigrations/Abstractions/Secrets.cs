using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Reads what was given as a connection: text, a secure string, or a table of them.</summary>
internal static class Secrets
{
    private const string Hidden = "***";

    private static readonly string[] SecretParameters = ["Connection", "ConnectionString", "MetadataConnectionString", "Headers", "Variable"];

    /// <summary>A connection string; null for null.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionStringInvalid; the value is not quoted.</exception>
    internal static string? Text(object? value) => Text(value, "ConnectionStringInvalid", "connection string");

    /// <summary>The admin secret of a server; null for null.</summary>
    /// <exception cref="HasuraMigrationException">ServerHeaderInvalid where it is empty.</exception>
    internal static string? AdminSecret(SecureString? value) => Text(value, "ServerHeaderInvalid", "admin secret");

    /// <summary>Headers by name; null for null.</summary>
    /// <exception cref="HasuraMigrationException">ServerHeaderInvalid; values are not quoted.</exception>
    internal static IReadOnlyDictionary<string, string>? Headers(IDictionary? table) =>
        Table(table, "ServerHeaderInvalid", name => $"value of the header '{name}'");

    /// <summary>The table of connection strings by database name; null where the value is not a table.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionStringInvalid.</exception>
    internal static IReadOnlyDictionary<string, string>? Table(object? value)
    {
        if (Bare(value) is IDictionary table && table.Keys.Cast<object>().Any(k => IsNoDatabase($"{k}")))
        {
            throw new HasuraMigrationException("ConnectionStringInvalid", "A key of the table looks like a connection string; the keys are names of databases, and the connection strings are the values.");
        }

        return Table(value, "ConnectionStringInvalid", name => $"connection string for '{name}'");
    }

    /// <summary>True for text that may hold a password where a path was expected, so that no error may repeat it.</summary>
    internal static bool MayHoldPassword(string text) => ConnectionText.MayHoldPassword(text);

    /// <summary>True for a name of a database that is rather a connection string, with keywords of whatever spelling.</summary>
    internal static bool IsNoDatabase(string name) => name.Contains('=', StringComparison.Ordinal) || MayHoldPassword(name);

    /// <summary>True for text that names a database or server, well or badly written.</summary>
    internal static bool LooksLikeConnection(string text) =>
        !text.TrimStart().StartsWith('{') && MayHoldPassword(text);

    /// <summary>
    /// The value of a parameter as records of the shell may show it. They carry the arguments of their command, and
    /// <c>ConvertTo-Json</c> writes them out.
    /// </summary>
    internal static object? Shown(string parameter, object? value) => Bare(value) switch
    {
        string text => SecretParameters.Contains(parameter) || MayHoldPassword(text) ? Hidden : value,
        IDictionary when SecretParameters.Contains(parameter) => Hidden,
        string[] texts when texts.Any(MayHoldPassword) => Hidden,
        object[] values when values.Any(v => Bare(v) is string text && MayHoldPassword(text)) => Hidden,
        _ => value,
    };

    /// <summary>A value without the wrapping that the shell puts around objects.</summary>
    internal static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static string? Text(object? value, string errorId, string subject) => Bare(value) switch
    {
        null => null,
        string { Length: > 0 } text => text,
        SecureString { Length: > 0 } secure => new NetworkCredential("", secure).Password,
        string or SecureString => throw Empty(errorId, subject),
        HasuraConnection => throw new HasuraMigrationException(errorId, $"The {subject} cannot be read from a connection object.") { RecommendedAction = "Give connection objects, such as that of Start-HasuraSandbox, to -Connection." },
        var other => throw new HasuraMigrationException(errorId, $"The {subject} cannot be read from a {other.GetType().Name}."),
    };

    private static Dictionary<string, string>? Table(object? value, string errorId, Func<string, string> subject) =>
        Bare(value) is IDictionary table
            ? table.Keys.Cast<object>().ToDictionary(
                k => k.ToString()!,
                k => Text(table[k], errorId, subject(k.ToString()!)) ?? throw Empty(errorId, subject(k.ToString()!)),
                StringComparer.Ordinal)
            : null;

    private static HasuraMigrationException Empty(string errorId, string subject) => new(errorId, $"The {subject} is empty.");
}
