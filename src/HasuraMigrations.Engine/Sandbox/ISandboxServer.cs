namespace HasuraMigrations.Engine.Sandbox;

/// <summary>A started server, however it runs. Disposing it stops it and removes what it left.</summary>
internal interface ISandboxServer : IAsyncDisposable
{
    /// <summary>Address it listens on.</summary>
    string Host { get; }

    /// <summary>TCP port it listens on.</summary>
    int Port { get; }

    /// <summary>Version of the server.</summary>
    Version Version { get; }

    /// <summary>Full path of its data directory; null where it runs in a container.</summary>
    string? DataDirectory { get; }

    /// <summary>Process id of the server; null where it runs in a container.</summary>
    int? ProcessId { get; }
}
