using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Reads a PostgreSQL URL (<c>postgres://user:password@host:5432/database?sslmode=require</c>) or a keyword string.</summary>
public static class PostgresConnectionString
{
    // Names of libpq's URL parameters and what Npgsql calls them.
    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["dbname"] = "Database",
        ["user"] = "Username",
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslpassword"] = "SSL Password",
        ["application_name"] = "Application Name",
        ["connect_timeout"] = "Timeout",
        ["options"] = "Options",
        ["target_session_attrs"] = "Target Session Attributes",
        ["hostaddr"] = "Host",
        ["gssencmode"] = "GSS Encryption Mode",
    };

    /// <summary>A connection that shows no secret.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionStringInvalid; the text is not quoted, since it may hold a secret.</exception>
    public static HasuraConnection Read(string text)
    {
        var builder = Builder(text);
        return new HasuraConnection(builder.ConnectionString, builder.Host, builder.Port, builder.Database ?? builder.Username, builder.Username);
    }

    /// <summary>The settings of a text.</summary>
    internal static NpgsqlConnectionStringBuilder Builder(string text)
    {
        try
        {
            var builder = text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
                ? FromUrl(text)
                : new NpgsqlConnectionStringBuilder(text);
            return builder.Host is { Length: > 0 } ? builder : throw new ArgumentException("It names no host.");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidOperationException or NotSupportedException)
        {
            throw new HasuraMigrationException("ConnectionStringInvalid", $"The connection string cannot be read{Reason(e)}.");
        }
    }

    // Only words of our own or a keyword are repeated; values may be secrets.
    private static string Reason(Exception e) => e.Message.StartsWith("It ", StringComparison.Ordinal) ? $": {e.Message.TrimEnd('.')}" : "";

    private static NpgsqlConnectionStringBuilder FromUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            throw new ArgumentException("It is not a valid URL; special characters in user name or password must be percent-encoded.");
        }

        var builder = new NpgsqlConnectionStringBuilder { Port = uri.Port > 0 ? uri.Port : 5432 };
        var user = uri.UserInfo.Split(':', 2);
        Set(builder, "Host", Uri.UnescapeDataString(uri.Host));
        Set(builder, "Username", Uri.UnescapeDataString(user[0]));
        Set(builder, "Password", user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "");
        Set(builder, "Database", Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')));
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var name = Uri.UnescapeDataString(parts[0]);
            Set(builder, Names.GetValueOrDefault(name, name), parts.Length > 1 ? Value(name, Uri.UnescapeDataString(parts[1])) : "");
        }

        return builder;
    }

    private static string Value(string name, string value) => name.ToLowerInvariant() switch
    {
        "sslmode" or "target_session_attrs" => value.Replace("-", "", StringComparison.Ordinal),
        _ => value,
    };

    private static void Set(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        if (value.Length > 0)
        {
            builder[name] = value;
        }
    }
}
