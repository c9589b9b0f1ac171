namespace HasuraMigrations;

/// <summary>A setting in Hasura's own record.</summary>
public sealed record HasuraMigrationSetting
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Where it is recorded.</summary>
    public required MigrationStateStore Store { get; init; }

    /// <summary>Name, such as <c>migration_mode</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Value, as a text.</summary>
    public required string Value { get; init; }

    /// <summary>True where it is not recorded, so that Hasura takes its default.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Name and value.</summary>
    public override string ToString() => $"{Name} = {Value}";
}
