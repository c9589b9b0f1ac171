using System.Globalization;
using System.Net;

namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>The servers that a string names, in the order in which they are tried.</summary>
/// <param name="Names">What the driver connects to: host names, addresses, directories of sockets.</param>
/// <param name="Shown">What messages show.</param>
/// <param name="Ports">The port of each.</param>
internal sealed record ConnectionHosts(IReadOnlyList<string> Names, IReadOnlyList<string> Shown, IReadOnlyList<int> Ports)
{
    private const int DefaultPort = 5432;

    /// <summary>True where every server is reached through a socket of this machine.</summary>
    internal bool AreSockets => Names.All(IsSocket);

    /// <summary>True where there is a choice.</summary>
    internal bool AreSeveral => Names.Count > 1;

    /// <summary>The keyword <c>Host</c> of the driver.</summary>
    internal string Keyword => AreSeveral ? Join(Names) : Names[0];

    /// <summary>The host, or several with their ports, for people.</summary>
    internal string Display => AreSeveral ? Join(Shown) : Shown[0];

    /// <summary>Reads the lists of libpq, which are split at commas.</summary>
    /// <param name="host">Names; null where none was given.</param>
    /// <param name="hostaddr">Addresses; they replace the names.</param>
    /// <param name="port">Ports: one for all, or one each.</param>
    /// <param name="mayHoldPort">True where a name may end in a port, as in the keyword of the driver.</param>
    /// <exception cref="ConnectionTextException">They do not fit together, or are no hosts and ports.</exception>
    internal static ConnectionHosts Read(string? host, string? hostaddr, string? port, bool mayHoldPort)
    {
        var names = Split(host);
        var addresses = Split(hostaddr);
        if (names.Length == 0 && addresses.Length == 0)
        {
            throw new ConnectionTextException("it names no host; write localhost, or the directory of the server's socket such as host=/var/run/postgresql");
        }

        if (names.Length > 0 && addresses.Length > 0 && names.Length != addresses.Length)
        {
            throw new ConnectionTextException("'host' and 'hostaddr' name a different number of servers");
        }

        var ports = Split(port);
        var count = Math.Max(names.Length, addresses.Length);
        if (ports.Length > 1 && ports.Length != count)
        {
            throw new ConnectionTextException("'port' names a different number of ports than there are hosts");
        }

        var (hosts, shown, portOfEach) = (new List<string>(), new List<string>(), new List<int>());
        for (var i = 0; i < count; i++)
        {
            var given = Port(ports.Length == 0 ? "" : ports[ports.Length == 1 ? 0 : i]);
            var (name, own) = names.Length == 0 ? (null, null) : Name(names[i], mayHoldPort);
            var address = addresses.Length == 0 || addresses[i].Length == 0 ? null : Address(addresses[i]);
            hosts.Add(address ?? name!);
            shown.Add(name ?? address!);
            portOfEach.Add(own ?? given);
        }

        return new ConnectionHosts(hosts, shown, portOfEach);
    }

    /// <summary>One of them with its port, for people.</summary>
    internal string DisplayOf(int index) => WithPort(Shown[index], Ports[index]);

    private string Join(IReadOnlyList<string> hosts) => string.Join(',', hosts.Select((h, i) => WithPort(h, Ports[i])));

    private static string WithPort(string host, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':', StringComparison.Ordinal) && !IsSocket(host) ? $"[{host}]" : host)}:{port}");

    private static string[] Split(string? list) => string.IsNullOrWhiteSpace(list) ? [] : [.. list.Split(',').Select(e => e.Trim())];

    /// <summary>True for a socket of the file system.</summary>
    internal static bool IsSocket(string host) => host.StartsWith('@') || Path.IsPathRooted(host);

    private static (string Name, int? Port) Name(string text, bool mayHoldPort)
    {
        if (text.Length == 0)
        {
            throw new ConnectionTextException("one of its hosts is empty");
        }

        if (IsSocket(text))
        {
            return Socket(text, mayHoldPort);
        }

        var bare = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;
        // The framework would take a port behind the brackets too.
        if (!bare.Contains(']', StringComparison.Ordinal) && IPAddress.TryParse(bare, out _))
        {
            return (bare, null);
        }

        var colon = text.LastIndexOf(':');
        var (name, port) = mayHoldPort && colon > 0 ? (text[..colon], Port(text[(colon + 1)..])) : (text, (int?)null);
        var isAddress = name.StartsWith('[') && name.EndsWith(']') && IPAddress.TryParse(name[1..^1], out _);
        return isAddress ? (name[1..^1], port)
            : name.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_') ? (name, port)
            : throw new ConnectionTextException("the host contains a character that is not allowed in host names");
    }

    private static (string Name, int? Port) Socket(string text, bool mayHoldPort)
    {
        if (text.AsSpan(1).IndexOfAny("=;?@\"'") >= 0 || text.Any(char.IsControl))
        {
            throw new ConnectionTextException("the directory of the socket contains a character that separates parameters");
        }

        // The colon of a drive is followed by no number.
        var colon = text.LastIndexOf(':');
        return mayHoldPort && colon > 0 && colon < text.Length - 1 && text.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0
            ? (text[..colon], Port(text[(colon + 1)..]))
            : (text, null);
    }

    private static string Address(string text) =>
        !text.Contains(']', StringComparison.Ordinal) && IPAddress.TryParse(text, out _) ? text : throw new ConnectionTextException("'hostaddr' is not an IP address");

    private static int Port(string text) =>
        text.Length == 0 ? DefaultPort
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535 ? port
        : throw new ConnectionTextException("the port is not a number from 1 to 65535; a special character before it must be escaped");
}
