using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>How seed files are run.</summary>
public sealed record SeedOptions
{
    /// <summary>How transactions are laid.</summary>
    public MigrationTransactionMode TransactionMode { get; init; } = MigrationTransactionMode.All;

    /// <summary>Record the files, and leave out those that were recorded and did not change since.</summary>
    public bool IsOnce { get; init; }

    /// <summary>Run interrupted files from their first statement.</summary>
    public bool Restart { get; init; }

    /// <summary>Values of the variables in the files.</summary>
    public VariableSet Variables { get; init; } = VariableSet.None;
}
