namespace HasuraMigrations;

/// <summary>A seed file that was written.</summary>
public sealed record HasuraSeed
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Number at the beginning of the file name; it only decides the order.</summary>
    public required long Version { get; init; }

    /// <summary>Name behind the number.</summary>
    public required string Name { get; init; }

    /// <summary>Path below the seeds directory of the database, with slashes.</summary>
    public required string Path { get; init; }

    /// <summary>Full path of the file.</summary>
    public required string File { get; init; }

    /// <summary>Number of SQL statements in it.</summary>
    public required int StatementCount { get; init; }

    /// <summary>What was noticed.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>The path.</summary>
    public override string ToString() => Path;
}
