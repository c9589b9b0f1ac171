namespace HasuraMigrations;

/// <summary>One entry of the log that a database keeps of its migrations and seed files: an attempt, or a change of a record.</summary>
public sealed record MigrationLogEntry
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Number of the entry, ascending.</summary>
    public required long Id { get; init; }

    /// <summary>Version number; 0 for a seed file, and for a change of Hasura's record.</summary>
    public required long Version { get; init; }

    /// <summary>Name at the time, or the path of a seed file.</summary>
    public string? Name { get; init; }

    /// <summary>Which way.</summary>
    public required MigrationDirection Direction { get; init; }

    /// <summary>What became of it: <c>succeeded</c>, <c>failed</c>, <c>stopped</c>, <c>recorded</c>, <c>adopted</c>, <c>removed</c>, or the words of a repair.</summary>
    public required string Outcome { get; init; }

    /// <summary>When it was logged.</summary>
    public required DateTimeOffset LoggedAt { get; init; }

    /// <summary>Time on the server; null where it is not known.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Role and host that did it.</summary>
    public string? AppliedBy { get; init; }

    /// <summary>Version of the module that did it.</summary>
    public string? ToolVersion { get; init; }

    /// <summary>The server's error code of a failure.</summary>
    public string? SqlState { get; init; }

    /// <summary>The error of a failure.</summary>
    public string? Error { get; init; }

    /// <summary>Id of the attempt.</summary>
    public required Guid AttemptId { get; init; }

    /// <summary>Outcome, version and name.</summary>
    public override string ToString() => Version == 0 ? $"{Outcome} {Name}" : $"{Outcome} {Version}_{Name}";
}
