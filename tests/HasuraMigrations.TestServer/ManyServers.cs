using System.Text.Json;

namespace HasuraMigrations.TestServer;

/// <summary>
/// Several servers in one process, for tests that cannot load it themselves: a process for each costs more than most tests. Each line
/// of input is a JSON array: the arguments of a server to start, which is answered with its endpoint, or <c>["stop", endpoint]</c>,
/// which is answered with an empty line. An error is answered with <c>error: </c> and its message.
/// </summary>
internal sealed class ManyServers : IAsyncDisposable
{
    private readonly Dictionary<string, TestServerHost> _hosts = new(StringComparer.Ordinal);

    /// <summary>Carries out the lines until the input ends.</summary>
    public async Task RunAsync(TextReader input, TextWriter output)
    {
        while (await input.ReadLineAsync() is { } line)
        {
            string answer;
            try
            {
                answer = await AnswerAsync(JsonSerializer.Deserialize<string[]>(line)!);
            }
            catch (HasuraMigrationException e)
            {
                answer = $"error: {e.Message.ReplaceLineEndings(" ")}";
            }

            await output.WriteLineAsync(answer);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.Values)
        {
            await host.DisposeAsync();
        }
    }

    private async Task<string> AnswerAsync(string[] arguments)
    {
        if (arguments is ["stop", var endpoint])
        {
            if (_hosts.Remove(endpoint, out var ended))
            {
                await ended.DisposeAsync();
            }

            return "";
        }

        var host = await TestServerHost.StartAsync(ServerArguments.Parse(arguments) ?? throw new HasuraMigrationException("ConnectionMissing", "--postgres is missing."));
        _hosts[host.Endpoint.AbsoluteUri.TrimEnd('/')] = host;
        return host.Endpoint.AbsoluteUri.TrimEnd('/');
    }
}
