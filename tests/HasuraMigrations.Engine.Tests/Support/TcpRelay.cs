using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>A relay before a server: delays what passes, counts trips, and cuts connections.</summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly string _host;
    private readonly int _port;
    private readonly TimeSpan _delay;
    private Task _accepting = Task.CompletedTask;
    private int _trips;

    private TcpRelay(string host, int port, TimeSpan delay)
    {
        _host = host;
        _port = port;
        _delay = delay;
    }

    /// <summary>Loopback port of the relay.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often the client began to send after the server had.</summary>
    public int Trips => _trips;

    /// <summary>Starts a relay.</summary>
    /// <param name="host">Host of the server.</param>
    /// <param name="port">Port of the server.</param>
    /// <param name="delayEachWay">Delay of everything, each way.</param>
    public static TcpRelay Start(string host, int port, TimeSpan delayEachWay = default)
    {
        var relay = new TcpRelay(host, port, delayEachWay);
        relay._listener.Start();
        relay._accepting = relay.AcceptAsync();
        return relay;
    }

    /// <summary>Resets every connection at both ends.</summary>
    public void Cut()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Close();
            }

            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        await Task.WhenAny(_accepting);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptSocketAsync(_stop.Token);
            client.NoDelay = true;
            _ = RelayAsync(client);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        lock (_sockets)
        {
            _sockets.Add(client);
            _sockets.Add(server);
        }

        var last = new Direction();
        try
        {
            await server.ConnectAsync(_host, _port);
            await Task.WhenAll(PumpAsync(client, server, last, isClient: true), PumpAsync(server, client, last, isClient: false));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // A cut connection is what a relay is for.
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Direction last, bool isClient)
    {
        var queue = Channel.CreateUnbounded<(byte[] Bytes, long Due)>();
        var sending = SendAsync(to, queue.Reader);
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer, SocketFlags.None)) > 0)
        {
            if (Interlocked.Exchange(ref last.Value, isClient ? 1 : 2) != 1 && isClient)
            {
                Interlocked.Increment(ref _trips);
            }

            queue.Writer.TryWrite((buffer[..read], Environment.TickCount64 + (long)_delay.TotalMilliseconds));
        }

        queue.Writer.Complete();
        await sending;
        to.Shutdown(SocketShutdown.Send);
    }

    private static async Task SendAsync(Socket to, ChannelReader<(byte[] Bytes, long Due)> queue)
    {
        await foreach (var (bytes, due) in queue.ReadAllAsync())
        {
            if (due - Environment.TickCount64 is > 0 and var wait)
            {
                await Task.Delay((int)wait);
            }

            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await to.SendAsync(bytes.AsMemory(sent), SocketFlags.None);
            }
        }
    }

    private sealed class Direction
    {
        public int Value;
    }
}
