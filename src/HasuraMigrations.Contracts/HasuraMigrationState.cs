namespace HasuraMigrations;

/// <summary>One version in Hasura's own record.</summary>
public sealed record HasuraMigrationState
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Where it is recorded.</summary>
    public required MigrationStateStore Store { get; init; }

    /// <summary>True where projects of this config version use that store.</summary>
    public required bool IsInUse { get; init; }

    /// <summary>Version number.</summary>
    public required long Version { get; init; }

    /// <summary>Hasura's dirty flag: started, but not finished.</summary>
    public required bool IsDirty { get; init; }

    /// <summary>Version and store.</summary>
    public override string ToString() => $"{Version} ({Store}{(IsDirty ? ", dirty" : "")})";
}
