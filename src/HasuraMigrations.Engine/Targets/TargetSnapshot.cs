namespace HasuraMigrations.Engine.Targets;

/// <summary>History and state of one database, read together.</summary>
/// <param name="HasHistory">False where the module never wrote to this database.</param>
/// <param name="History">Rows of the history.</param>
/// <param name="State">Hasura's own record.</param>
public sealed record TargetSnapshot(bool HasHistory, IReadOnlyList<HistoryRow> History, StateSnapshot State)
{
    /// <summary>What the target can do.</summary>
    public TargetTraits Traits { get; init; } = TargetTraits.Postgres;
}
