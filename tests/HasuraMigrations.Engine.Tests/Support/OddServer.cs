using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>An HTTP server that is none: what it does with a connection is given byte by byte.</summary>
public sealed class OddServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    private OddServer(Func<NetworkStream, CancellationToken, Task> answer)
    {
        _listener.Start();
        Endpoint = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync(answer);
    }

    /// <summary>URL on the loopback address.</summary>
    public string Endpoint { get; }

    /// <summary>Connections that were accepted.</summary>
    public int Connections => Volatile.Read(ref _connections);

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

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> answer)
    {
        var answers = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                answers.Add(AnswerAsync(client, answer));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(answers);
        }
    }

    private async Task AnswerAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> answer)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                _ = await stream.ReadAsync(new byte[64 * 1024], _stop.Token);
                await answer(stream, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The client has gone, or the test is over.
            }
        }
    }
}
