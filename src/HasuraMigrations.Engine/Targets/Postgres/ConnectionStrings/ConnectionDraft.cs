using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>Collects parameters and makes the driver's settings of them.</summary>
/// <param name="mayHoldPort">True where a host may end in its port, as in the form of .NET.</param>
internal sealed class ConnectionDraft(bool mayHoldPort)
{
    private const int LongestTimeout = 1024;

    // The driver's keywords for what messages show.
    private static readonly string[] UserKeywords = ["username", "user name", "userid", "user id", "uid"];
    private static readonly string[] DatabaseKeywords = ["database", "db"];

    private readonly NpgsqlConnectionStringBuilder _builder = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<ConnectionParameter> _ignored = [];

    /// <summary>Sets a keyword of the driver.</summary>
    /// <returns>False where the driver has none of that name, or the table knows the name and the driver not the value.</returns>
    /// <exception cref="ConnectionTextException">The driver does not take the value.</exception>
    internal bool TryKeyword(ConnectionPair pair, bool isKnown)
    {
        if (!_builder.TryGetValue(pair.Name, out _))
        {
            return false;
        }

        try
        {
            _builder[pair.Name] = pair.Value;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or NotSupportedException or InvalidOperationException)
        {
            return isKnown ? false : throw new ConnectionTextException($"the value of '{pair.Name}' is not valid");
        }

        CheckVisible(pair, UserKeywords, DatabaseKeywords);
        return true;
    }

    /// <summary>Takes a parameter of the table.</summary>
    /// <exception cref="ConnectionTextException">It is refused.</exception>
    internal void Take(ConnectionParameter parameter, ConnectionPair pair)
    {
        CheckVisible(pair, ["user"], ["dbname"]);
        switch (parameter.Use)
        {
            case ConnectionParameterUse.Mapped:
                _values[parameter.Name] = pair.Value;
                break;
            case ConnectionParameterUse.Ignored when !parameter.IsHarmless(pair.Value):
                _ignored.Add(parameter);
                break;
            case ConnectionParameterUse.Refused when !parameter.IsHarmless(pair.Value):
                throw new ConnectionTextException($"the parameter '{parameter.Name}' is not supported: {parameter.Note}");
            default:
                break;
        }
    }

    /// <summary>The settings.</summary>
    /// <exception cref="ConnectionTextException">A value is not valid, or values do not fit together.</exception>
    internal ConnectionSettings Finish()
    {
        // The driver's own keyword stays where both were given.
        var port = Get("port") ?? (_builder.ContainsKey("Port") ? _builder.Port.ToString(CultureInfo.InvariantCulture) : null);
        var hosts = ConnectionHosts.Read(Get("host") ?? _builder.Host, Get("hostaddr"), port, mayHoldPort);
        _builder.Host = hosts.Keyword;
        _builder.Port = hosts.Ports[0];
        Copy("user", "Username");
        Copy("password", "Password");
        Copy("dbname", "Database");
        Copy("passfile", "Passfile");
        Copy("options", "Options");
        Copy("krbsrvname", "Kerberos Service Name");
        Set("Application Name", Get("application_name") ?? (_builder.ApplicationName is null ? Get("fallback_application_name") : null));
        Set("Target Session Attributes", Choice("target_session_attrs", "any", "read-write", "read-only", "primary", "standby", "prefer-standby", "prefer-primary"));
        SetTimes();
        var tls = new ConnectionTls(_builder, Get, Choice);
        tls.Apply(hosts, hasAddress: Get("hostaddr") is not null && !hosts.Names.SequenceEqual(hosts.Shown));
        Set("GSS Encryption Mode", Choice("gssencmode", "disable", "prefer", "require"));
        Set("Channel Binding", Choice("channel_binding", "disable", "prefer", "require"));
        Set("Require Auth", AuthenticationMethods());
        return new ConnectionSettings(_builder, hosts, tls.Versions, tls.Limits, [.. _ignored.Distinct()]);
    }

    private static void CheckVisible(ConnectionPair pair, string[] users, string[] databases)
    {
        if (users.Contains(pair.Name, StringComparer.OrdinalIgnoreCase))
        {
            VisibleText.Check("user", pair);
        }
        else if (databases.Contains(pair.Name, StringComparer.OrdinalIgnoreCase))
        {
            VisibleText.Check("database", pair);
        }
    }

    private string? Get(string name) => _values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private string? Choice(string name, params string[] allowed) => Get(name) switch
    {
        null => null,
        { } value when allowed.Contains(value.ToLowerInvariant()) => value.ToLowerInvariant(),
        _ => throw new ConnectionTextException($"the value of '{name}' is not one of {string.Join(", ", allowed)}"),
    };

    private int? Number(string name) => Get(name) switch
    {
        null => null,
        { } text when int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new ConnectionTextException($"the value of '{name}' is not a number"),
    };

    private void Set(string keyword, string? value)
    {
        if (value is not null)
        {
            _builder[keyword] = value;
        }
    }

    private void Copy(string name, string keyword) => Set(keyword, Get(name));

    private void SetTimes()
    {
        if (Number("connect_timeout") is { } seconds)
        {
            // As libpq: none and less than none are no limit, and 1 counts as 2.
            _builder.Timeout = seconds <= 0 ? 0 : Math.Clamp(seconds, 2, LongestTimeout);
        }

        var isOn = Number("keepalives") is not 0;
        if (Number("keepalives") is not null)
        {
            _builder.TcpKeepAlive = isOn;
        }

        var idle = Number("keepalives_idle") is > 0 and var i ? i : (int?)null;
        var interval = Number("keepalives_interval") is > 0 and var n ? n : (int?)null;
        if (isOn && (idle ?? interval) is not null)
        {
            // The driver wants the first time where the second is set; two hours are what systems have.
            _builder.TcpKeepAliveTime = idle ?? 7200;
            _builder.TcpKeepAliveInterval = interval ?? 0;
        }
    }

    private string? AuthenticationMethods()
    {
        if (Get("require_auth") is not { } list)
        {
            return null;
        }

        var methods = list.Split(',', StringSplitOptions.TrimEntries).Select(m => (IsNot: m.StartsWith('!'), Name: m.TrimStart('!').ToLowerInvariant() switch
        {
            "password" => "Password",
            "md5" => "MD5",
            "gss" => "GSS",
            "sspi" => "SSPI",
            "scram-sha-256" => "ScramSHA256",
            "none" => "None",
            _ => throw new ConnectionTextException("the value of 'require_auth' is not a list of password, md5, gss, sspi, scram-sha-256 and none"),
        })).ToList();
        return methods.Select(m => m.IsNot).Distinct().Count() == 1
            ? string.Join(',', methods.Select(m => $"{(m.IsNot ? "!" : "")}{m.Name}"))
            : throw new ConnectionTextException("the value of 'require_auth' mixes methods with and without '!'");
    }
}
