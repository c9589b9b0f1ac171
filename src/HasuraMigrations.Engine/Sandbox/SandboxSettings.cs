using System.Globalization;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>The server settings of a sandbox.</summary>
internal static class SandboxSettings
{
    public const string User = "postgres";
    public const string Database = "postgres";

    /// <summary>Settings by name; those that were asked for go over ours.</summary>
    public static IReadOnlyDictionary<string, string> Of(SandboxOptions options)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["max_connections"] = "200",
            ["max_locks_per_transaction"] = "128",
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
            ["lc_messages"] = "C",
        };
        if (!options.Durable)
        {
            settings["fsync"] = "off";
            settings["synchronous_commit"] = "off";
            settings["full_page_writes"] = "off";
            settings["wal_level"] = "minimal";
            settings["max_wal_senders"] = "0";
        }

        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        return settings;
    }

    /// <summary>Settings of where a local server listens: on one loopback port and nowhere else.</summary>
    public static IReadOnlyDictionary<string, string> Listening(int port) => new Dictionary<string, string>
    {
        ["listen_addresses"] = "127.0.0.1",
        ["port"] = port.ToString(CultureInfo.InvariantCulture),
        ["unix_socket_directories"] = "",
    };

    /// <summary>Text of a configuration file.</summary>
    public static string Text(IReadOnlyDictionary<string, string> settings) =>
        string.Concat(settings.Select(s => $"{s.Key} = '{s.Value.Replace("'", "''", StringComparison.Ordinal)}'\n"));
}
