using System.Text;

namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>
/// The URL form, split where libpq splits it (<c>conninfo_uri_parse_options</c>). Stricter in one point: characters that
/// only an unencoded password brings into a URL are refused, since the rest of that password would be taken for a host.
/// </summary>
internal static class UrlForm
{
    private const string Encode = "special characters in user name, password and database must be percent-encoded";

    private static readonly string[] Schemes = ["postgresql://", "postgres://"];

    /// <summary>True for text in this form.</summary>
    internal static bool Is(string text) => SchemeOf(text) is not null;

    /// <summary>The parameters; host and port are lists with commas.</summary>
    /// <exception cref="ConnectionTextException">The text is not a valid URL.</exception>
    internal static IReadOnlyList<ConnectionPair> Read(string text)
    {
        var rest = text[SchemeOf(text)!.Length..];
        RequireEncoded(rest);
        var pairs = new List<ConnectionPair>();
        // After the check above, one '@' at most, and it ends the user.
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            AddUser(pairs, rest[..at]);
            rest = rest[(at + 1)..];
        }

        var query = rest.IndexOf('?', StringComparison.Ordinal);
        var path = (query < 0 ? rest : rest[..query]).IndexOf('/', StringComparison.Ordinal);
        var authority = path >= 0 ? rest[..path] : query >= 0 ? rest[..query] : rest;
        AddHosts(pairs, authority);
        if (path >= 0)
        {
            Add(pairs, "dbname", rest[(path + 1)..(query < 0 ? rest.Length : query)]);
        }

        if (query >= 0)
        {
            AddParameters(pairs, rest[(query + 1)..]);
        }

        return pairs;
    }

    private static string? SchemeOf(string text) => Schemes.FirstOrDefault(s => text.StartsWith(s, StringComparison.OrdinalIgnoreCase));

    private static void RequireEncoded(string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (rest.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '#') || at != rest.LastIndexOf('@') || (slash >= 0 && at > slash))
        {
            throw new ConnectionTextException($"it is not a valid URL; {Encode}");
        }
    }

    private static void AddUser(List<ConnectionPair> pairs, string text)
    {
        var parts = text.Split(':', 2);
        Add(pairs, "user", parts[0]);
        Add(pairs, "password", parts.Length > 1 ? parts[1] : "");
    }

    private static void AddHosts(List<ConnectionPair> pairs, string authority)
    {
        var hosts = new List<string>();
        var ports = new List<string>();
        foreach (var entry in authority.Split(','))
        {
            var close = entry.StartsWith('[') ? entry.IndexOf(']', StringComparison.Ordinal) : 0;
            if (close < 0 || (close == 1 && entry[0] == '[') || (close > 0 && close + 1 < entry.Length && entry[close + 1] != ':'))
            {
                throw new ConnectionTextException("the address in brackets is not complete");
            }

            var colon = entry.IndexOf(':', close);
            var host = colon < 0 ? entry : entry[..colon];
            hosts.Add(close > 0 ? host[1..^1] : host);
            ports.Add(colon < 0 ? "" : entry[(colon + 1)..]);
        }

        Add(pairs, "host", string.Join(',', hosts));
        Add(pairs, "port", string.Join(',', ports));
    }

    private static void AddParameters(List<ConnectionPair> pairs, string query)
    {
        // A lone '?' is allowed; an empty parameter is not.
        foreach (var pair in query.Length == 0 ? [] : query.Split('&'))
        {
            var parts = pair.Split('=');
            if (parts.Length != 2)
            {
                throw new ConnectionTextException($"a parameter after '?' is not name=value; {Encode}, and so must '=' and '&' in a value");
            }

            var name = Decode(parts[0]);
            pairs.Add(new ConnectionPair(name, Decode(parts[1]), IsQuoted: parts[1].Contains('%', StringComparison.Ordinal)));
        }
    }

    private static void Add(List<ConnectionPair> pairs, string name, string raw)
    {
        if (raw.Length > 0)
        {
            pairs.Add(new ConnectionPair(name, Decode(raw), IsQuoted: raw.Contains('%', StringComparison.Ordinal)));
        }
    }

    // A plus sign stays one, as in libpq.
    private static string Decode(string raw)
    {
        if (!raw.Contains('%', StringComparison.Ordinal))
        {
            return raw;
        }

        var bytes = new List<byte>(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '%')
            {
                var length = char.IsHighSurrogate(raw[i]) && i + 1 < raw.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(raw.Substring(i, length)));
                i += length - 1;
            }
            else if (i + 2 < raw.Length && char.IsAsciiHexDigit(raw[i + 1]) && char.IsAsciiHexDigit(raw[i + 2]) && raw.Substring(i + 1, 2) != "00")
            {
                bytes.Add(Convert.ToByte(raw.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                throw new ConnectionTextException("a percent sign is not followed by two hexadecimal digits other than 00; a percent sign itself is written %25");
            }
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw new ConnectionTextException("its percent-encoded bytes are not UTF-8");
        }
    }
}
