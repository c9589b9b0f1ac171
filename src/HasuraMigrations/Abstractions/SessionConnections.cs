using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;

namespace HasuraMigrations.Abstractions;

/// <summary>The server each session is connected to.</summary>
internal static class SessionConnections
{
    private static readonly ConcurrentDictionary<Guid, HasuraConnection> Current = new();

    /// <summary>The connection of this session; null where it has none.</summary>
    internal static HasuraConnection? Find() => Current.GetValueOrDefault(Session);

    /// <summary>Makes a connection that of this session.</summary>
    internal static void Set(HasuraConnection connection) => Current[Session] = connection;

    /// <summary>Forgets the connection of this session.</summary>
    /// <returns>What it was; null where there was none.</returns>
    internal static HasuraConnection? Remove() => Current.TryRemove(Session, out var connection) ? connection : null;

    private static Guid Session => Runspace.DefaultRunspace.InstanceId;
}
