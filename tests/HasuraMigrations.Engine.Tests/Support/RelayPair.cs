using System.Net.Sockets;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>A connection of a client to a relay, and that of the relay to the server.</summary>
/// <param name="client">The socket of the client.</param>
/// <param name="server">The socket of the server.</param>
internal sealed class RelayPair(Socket client, Socket server)
{
    internal int LastToServer;
    internal volatile bool IsCut;
    internal volatile bool LosesAnswers;
    internal volatile bool LosesRequests;

    internal Socket Client => client;

    internal Socket Server => server;

    // A close with a linger time of zero sends a reset instead of the usual end.
    internal void Reset()
    {
        foreach (var socket in new[] { client, server })
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                continue;
            }

            socket.Close();
        }
    }

    internal void Close()
    {
        client.Dispose();
        server.Dispose();
    }
}
