using System.Collections.Concurrent;
using HasuraMigrations.Engine.Sandbox;

namespace HasuraMigrations.Abstractions;

/// <summary>The sandboxes that sessions of this process started.</summary>
internal static class SandboxRegistry
{
    private static readonly ConcurrentDictionary<string, (Guid Session, PostgresSandbox Sandbox)> Running = new(StringComparer.Ordinal);

    /// <summary>Keeps a sandbox, so that it can be stopped.</summary>
    internal static HasuraConnection Add(PostgresSandbox sandbox, Guid session)
    {
        Running[sandbox.Info.Id] = (session, sandbox);
        return ConnectionOf(sandbox.Info)!;
    }

    /// <summary>The ids of a session's sandboxes.</summary>
    internal static IReadOnlyList<string> Of(Guid session) => [.. Running.Where(r => r.Value.Session == session).Select(r => r.Key)];

    /// <summary>What a sandbox is called in questions; null where this process runs none of that id.</summary>
    internal static string? Describe(string id) => Running.TryGetValue(id, out var entry) ? entry.Sandbox.ToString() : null;

    /// <summary>Stops a sandbox.</summary>
    internal static async Task StopAsync(string id)
    {
        if (Running.TryRemove(id, out var entry))
        {
            await entry.Sandbox.StopAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The connection in an object that carries one; null for null.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionStringInvalid, where it is something else.</exception>
    internal static HasuraConnection? ConnectionOf(object? value) => value switch
    {
        null => null,
        HasuraConnection connection => connection,
        HasuraSandbox sandbox => new HasuraConnection(sandbox.GetConnectionString(), sandbox.Host, sandbox.Port, sandbox.Database, sandbox.User) { Sandbox = sandbox },
        _ => throw new HasuraMigrationException("ConnectionStringInvalid", $"A {value.GetType().Name} is neither a connection nor a connection string."),
    };
}
