using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>
/// A server that speaks enough of PostgreSQL's protocol to open sessions and to tell its version, and knows nothing else. It
/// stands for products that are something else.
/// </summary>
public sealed class LookalikeServer : IAsyncDisposable
{
    private const int EncryptionRequests = 80877103;

    private readonly LoopbackListener _listener;
    private readonly (string Name, string Value)[] _parameters;
    private readonly string _version;

    private LookalikeServer(string version, (string Name, string Value)[] parameters)
    {
        (_version, _parameters) = (version, parameters);
        _listener = new LoopbackListener(ServeAsync);
    }

    /// <summary>How to connect.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={_listener.Port};Username=u;Password=p;Database=d";

    /// <summary>Statements it was asked.</summary>
    public ConcurrentQueue<string> Statements { get; } = new();

    /// <summary>Starts a server.</summary>
    /// <param name="version">What <c>version()</c> says.</param>
    /// <param name="parameters">What it tells of itself when a session begins.</param>
    public static LookalikeServer Start(string version, params (string Name, string Value)[] parameters) => new(version, parameters);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(NetworkStream stream, CancellationToken token)
    {
        // Encryption in either form is declined; what comes then is the start of the session.
        while (BinaryPrimitives.ReadInt32BigEndian(await ReadBodyAsync(stream, token)) is EncryptionRequests or EncryptionRequests + 1)
        {
            await stream.WriteAsync("N"u8.ToArray(), token);
        }

        await stream.WriteAsync((byte[])[.. Message('R', Number(0)), .. _parameters.SelectMany(p => Message('S', Text(p.Name), Text(p.Value))), .. Message('K', Number(1), Number(2)), .. Message('Z', "I"u8.ToArray())], token);
        var type = new byte[1];
        for (var isFailed = false; ;)
        {
            await stream.ReadExactlyAsync(type, token);
            await stream.WriteAsync(Answer((char)type[0], await ReadBodyAsync(stream, token), ref isFailed), token);
        }
    }

    private byte[] Answer(char type, byte[] body, ref bool isFailed)
    {
        switch (type)
        {
            case 'S':
                isFailed = false;
                return Message('Z', "I"u8.ToArray());
            case var _ when isFailed:
                return [];
            case 'P':
                var statement = Encoding.UTF8.GetString(body).Split('\0')[1];
                Statements.Enqueue(statement);
                isFailed = !statement.EndsWith("version()", StringComparison.Ordinal);
                return isFailed ? Message('E', Text("SERROR"), Text("VERROR"), Text("C42883"), Text("Mno such function"), [0]) : Message('1');
            case 'B':
                return Message('2');
            case 'D':
                return Message('T', Short(1), Text("version"), Number(0), Short(0), Number(25), Short(-1), Number(-1), Short(0));
            case 'E':
                var value = Encoding.UTF8.GetBytes(_version);
                return [.. Message('D', Short(1), Number(value.Length), value), .. Message('C', Text("SELECT 1"))];
            default:
                return [];
        }
    }

    private static async Task<byte[]> ReadBodyAsync(NetworkStream stream, CancellationToken token)
    {
        var length = new byte[4];
        await stream.ReadExactlyAsync(length, token);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - 4];
        await stream.ReadExactlyAsync(body, token);
        return body;
    }

    private static byte[] Message(char type, params byte[][] parts) => [(byte)type, .. Number(4 + parts.Sum(p => p.Length)), .. parts.SelectMany(p => p)];

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Short(short number) => Number(number)[2..];
}
