using System.Net.Sockets;
using System.Text;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>An HTTP server that is none: what it does with a connection is given byte by byte.</summary>
public sealed class OddServer : IAsyncDisposable
{
    private readonly LoopbackListener _listener;

    private OddServer(Func<NetworkStream, CancellationToken, Task> answer) => _listener = new LoopbackListener(async (stream, token) =>
    {
        _ = await stream.ReadAsync(new byte[64 * 1024], token);
        await answer(stream, token);
    });

    /// <summary>URL on the loopback address.</summary>
    public string Endpoint => $"http://127.0.0.1:{_listener.Port}";

    /// <summary>Connections that were accepted.</summary>
    public int Connections => _listener.Connections;

    /// <summary>Accepts and never answers.</summary>
    public static OddServer Silent() => new((_, token) => Task.Delay(Timeout.Infinite, token));

    /// <summary>Sends a head, and then the same piece of a body for ever.</summary>
    /// <param name="head">Lines of the head.</param>
    /// <param name="piece">What is sent again and again.</param>
    /// <param name="pause">How long it waits before each.</param>
    public static OddServer Endless(string head, byte[] piece, TimeSpan pause = default) => new(async (stream, token) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n") + "\r\n\r\n"), token);
        while (true)
        {
            await Task.Delay(pause, token);
            await stream.WriteAsync(piece, token);
        }
    });

    /// <summary>Sends a head and a body to every request, and closes.</summary>
    public static OddServer Answering(string head, byte[] body) => new(async (stream, token) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head.ReplaceLineEndings("\r\n")}\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n"), token);
        await stream.WriteAsync(body, token);
    });

    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
