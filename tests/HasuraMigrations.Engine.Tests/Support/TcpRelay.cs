using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>
/// A TCP relay on the loopback address. It can delay what passes, cut all its connections with a reset at both ends, hold
/// answers back, lose what passes without a sign, and it counts bytes and trips.
/// </summary>
public sealed class TcpRelay : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<RelayPair, Task> _pairs = new();
    private readonly ConcurrentQueue<int> _ports = new();
    private readonly string _host;
    private readonly int _port;
    private readonly TimeSpan _delay;
    private readonly Task _accepting;
    private TaskCompletionSource? _hold;
    private byte[]? _cutText;
    private byte[]? _holdText;
    private int _cutTimes;
    private long _toServer;
    private long _toClient;
    private volatile bool _renumbers;
    private long _trips;

    private TcpRelay(EndPoint place, string host, int port, TimeSpan delayEachWay)
    {
        (_host, _port, _delay) = (host, port, delayEachWay);
        _listener = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(place);
        _listener.Listen();
        Port = _listener.LocalEndPoint is IPEndPoint address ? address.Port : 0;
        _accepting = AcceptAsync();
    }

    /// <summary>Port on the loopback address to connect to.</summary>
    public int Port { get; }

    /// <summary>Bytes that clients sent.</summary>
    public long BytesToServer => Interlocked.Read(ref _toServer);

    /// <summary>Bytes that the server sent.</summary>
    public long BytesToClient => Interlocked.Read(ref _toClient);

    /// <summary>How often a client began to send after the server had sent, or after connecting.</summary>
    public long Trips => Interlocked.Read(ref _trips);

    /// <summary>Connections that are open now.</summary>
    public int Connections => _pairs.Count;

    /// <summary>Local ports of the connections to the server, by which the server knows them.</summary>
    public IReadOnlyList<int> PortsToServer => [.. _ports];

    /// <summary>Starts a relay.</summary>
    /// <param name="host">Server to connect to.</param>
    /// <param name="port">Its port.</param>
    /// <param name="delayEachWay">How long each byte is under way, in each direction.</param>
    public static TcpRelay Start(string host, int port, TimeSpan delayEachWay = default) => new(new IPEndPoint(IPAddress.Loopback, 0), host, port, delayEachWay);

    /// <summary>Starts a relay before the server of a database.</summary>
    /// <param name="connectionString">Connection string of the database.</param>
    /// <param name="through">The same, through the relay.</param>
    /// <param name="delayEachWay">How long each byte is under way, in each direction.</param>
    public static TcpRelay Before(string connectionString, out string through, TimeSpan delayEachWay = default)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var relay = Start(settings.Host!, settings.Port, delayEachWay);
        (settings.Host, settings.Port) = ("127.0.0.1", relay.Port);
        through = settings.ConnectionString;
        return relay;
    }

    /// <summary>Starts a relay on a socket of the file system.</summary>
    /// <param name="host">Server to connect to.</param>
    /// <param name="port">Its port.</param>
    /// <param name="path">Path of the socket.</param>
    public static TcpRelay StartOnSocket(string host, int port, string path) => new(new UnixDomainSocketEndPoint(path), host, port, default);

    /// <summary>Resets every connection that is open, at both ends. New ones are still accepted.</summary>
    public void Cut()
    {
        foreach (var pair in _pairs.Keys)
        {
            pair.Reset();
        }
    }

    /// <summary>Lets no more answers through; what clients send still passes.</summary>
    public void HoldAnswers() => Volatile.Write(ref _hold, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Loses from now on what the server sends on the connections that are open. They stay open; new ones work.</summary>
    public void Swallow() => Lose(toServer: false);

    /// <summary>Loses from now on all that passes on the connections that are open, as where a gateway forgot them. New ones work.</summary>
    public void HalfOpen() => Lose(toServer: true);

    /// <summary>Resets every connection instead of letting a request through that holds a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="times">For how many such requests.</param>
    public void CutAtRequest(string text, int times) => (_cutText, _cutTimes) = (Encoding.UTF8.GetBytes(text), times);

    /// <summary>Lets no more answers through from the first request on that has a text; the request itself passes.</summary>
    public void HoldAtRequest(string text) => _holdText = Encoding.UTF8.GetBytes(text);

    /// <summary>From now on tells clients another process id than the server's, as poolers do.</summary>
    public void RenumberProcesses() => _renumbers = true;

    /// <summary>Resets every connection and accepts no more.</summary>
    public void Close()
    {
        _listener.Close();
        Cut();
    }

    private bool IsToBeCut(ByteWatch requests) =>
        _cutText is { } text && requests.Has(text) && Interlocked.Decrement(ref _cutTimes) >= 0;

    private void Lose(bool toServer)
    {
        foreach (var pair in _pairs.Keys)
        {
            pair.LosesAnswers = true;
            pair.LosesRequests |= toServer;
        }
    }

    /// <summary>Resets every connection, so that answers held back are lost, and lets answers of new ones through.</summary>
    public void CutAndRelease()
    {
        // First, so that no answer that arrives meanwhile finds the hold gone and the connection still open.
        foreach (var pair in _pairs.Keys)
        {
            pair.IsCut = true;
        }

        var held = Interlocked.Exchange(ref _hold, null);
        Cut();
        held?.TrySetCanceled();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Close();
        CutAndRelease();
        await _accepting;
        await Task.WhenAll(_pairs.Values);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                var pair = new RelayPair(client, new Socket(SocketType.Stream, ProtocolType.Tcp));
                var start = new TaskCompletionSource();
                _pairs[pair] = ServeAsync(pair, start.Task);
                start.SetResult();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The relay is being disposed.
            return;
        }
    }

    private async Task ServeAsync(RelayPair pair, Task start)
    {
        await start;
        await Task.Yield();
        try
        {
            pair.Server.NoDelay = true;
            if (pair.Client.AddressFamily != AddressFamily.Unix)
            {
                pair.Client.NoDelay = true;
            }

            await pair.Server.ConnectAsync(_host, _port, _stop.Token);
            _ports.Enqueue(((IPEndPoint)pair.Server.LocalEndPoint!).Port);
            await Task.WhenAll(PumpAsync(pair, pair.Client, pair.Server, isToServer: true), PumpAsync(pair, pair.Server, pair.Client, isToServer: false));
        }
        catch (Exception e) when (IsEnd(e))
        {
            // A broken connection is what the relay is for.
            pair.Reset();
        }
        finally
        {
            pair.Close();
            _pairs.TryRemove(pair, out _);
        }
    }

    /// <summary>One direction: what is read is queued with the time at which it is due, so that a delay does not narrow the stream.</summary>
    private async Task PumpAsync(RelayPair pair, Socket from, Socket to, bool isToServer)
    {
        var queue = Channel.CreateUnbounded<(long Due, byte[] Bytes)>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var sending = SendAsync(pair, queue.Reader, to, isToServer);
        var (buffer, requests) = (new byte[BufferSize], new ByteWatch());
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
            {
                if (isToServer ? pair.LosesRequests : pair.LosesAnswers)
                {
                    continue;
                }

                if (isToServer)
                {
                    requests.Take(buffer.AsSpan(0, count));
                    if (IsToBeCut(requests))
                    {
                        Cut();
                    }

                    if (_holdText is { } text && requests.Has(text))
                    {
                        _holdText = null;
                        HoldAnswers();
                    }
                }

                if (!isToServer && _renumbers)
                {
                    Renumber(buffer.AsSpan(0, count));
                }

                Count(pair, isToServer, count);
                queue.Writer.TryWrite((Stopwatch.GetTimestamp(), buffer[..count]));
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // One end broke, so the other one does; what was under way is lost with it.
            if (!(isToServer ? pair.LosesRequests : pair.LosesAnswers))
            {
                pair.Reset();
            }
        }

        if (isToServer ? pair.LosesRequests : pair.LosesAnswers)
        {
            // Nor does the other end hear that it is over.
            await Task.Delay(Timeout.Infinite, _stop.Token);
        }

        queue.Writer.Complete();
        await sending;
    }

    private async Task SendAsync(RelayPair pair, ChannelReader<(long Due, byte[] Bytes)> queue, Socket to, bool isToServer)
    {
        await foreach (var (read, bytes) in queue.ReadAllAsync(_stop.Token))
        {
            var wait = _delay - Stopwatch.GetElapsedTime(read);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _stop.Token);
            }

            if (!isToServer && Volatile.Read(ref _hold) is { } hold)
            {
                await hold.Task;
            }

            if (!isToServer && pair.IsCut)
            {
                throw new OperationCanceledException("The connection was cut.");
            }

            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await to.SendAsync(bytes.AsMemory(sent), _stop.Token);
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }

    // BackendKeyData of version 3.0 of the protocol: a letter, the length, the process id, the key.
    private static void Renumber(Span<byte> bytes)
    {
        if (bytes.IndexOf("K\0\0\0\u000C"u8) is >= 0 and var at && bytes.Length >= at + 9)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes[(at + 5)..], 0x7FFFFFF0);
        }
    }

    private void Count(RelayPair pair, bool isToServer, int count)
    {
        Interlocked.Add(ref isToServer ? ref _toServer : ref _toClient, count);
        if (Interlocked.Exchange(ref pair.LastToServer, isToServer ? 1 : 0) == 0 && isToServer)
        {
            Interlocked.Increment(ref _trips);
        }
    }

    private static bool IsEnd(Exception e) => e is SocketException or ObjectDisposedException or OperationCanceledException or IOException;
}
