namespace HasuraMigrations.Engine.Sandbox;

/// <summary>What kind of sandbox server is wanted.</summary>
public sealed record SandboxOptions
{
    /// <summary>Wanted major version of PostgreSQL, such as 15; null takes the first server found.</summary>
    public int? Version { get; init; }

    /// <summary>Whether the server programs may be installed with npm where the machine has none that fit.</summary>
    public bool AllowDownload { get; init; }

    /// <summary>Keeps fsync and its like on, so that what was committed survives a crash of the machine.</summary>
    public bool Durable { get; init; }

    /// <summary>Where the directory of a local server is made; null takes the system's place for temporary files.</summary>
    public string? ParentDirectory { get; init; }

    /// <summary>Server settings by name that go over those chosen here, such as <c>max_locks_per_transaction</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long the server may take to accept connections.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
