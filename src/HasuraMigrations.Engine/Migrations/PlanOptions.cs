using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>How a plan is made.</summary>
public sealed record PlanOptions
{
    /// <summary>How transactions are laid.</summary>
    public MigrationTransactionMode TransactionMode { get; init; } = MigrationTransactionMode.PerMigration;

    /// <summary>Change records only; run nothing.</summary>
    public bool IsRecordOnly { get; init; }

    /// <summary>Refuse a pending version below an applied one.</summary>
    public bool RejectOutOfOrder { get; init; }

    /// <summary>Run although an applied up step changed since.</summary>
    public bool AllowChanged { get; init; }

    /// <summary>Roll back versions whose down step is missing or holds only comments: only the record goes.</summary>
    public bool AllowEmptyDown { get; init; }

    /// <summary>Roll back with the texts kept in the history.</summary>
    public bool FromHistory { get; init; }

    /// <summary>Values of the variables in SQL files.</summary>
    public VariableSet Variables { get; init; } = VariableSet.None;
}
