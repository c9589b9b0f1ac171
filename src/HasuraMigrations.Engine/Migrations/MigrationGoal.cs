namespace HasuraMigrations.Engine.Migrations;

/// <summary>Where a run is to lead.</summary>
public abstract record MigrationGoal
{
    private MigrationGoal()
    {
    }

    /// <summary>True to run the repeatable files that changed, behind the versions.</summary>
    public bool WithRepeatables { get; init; }

    /// <summary>Every pending up, ascending; gaps are filled. With the repeatable files, unless they are left out.</summary>
    public sealed record AllPending : MigrationGoal
    {
        /// <summary>All that is pending.</summary>
        public AllPending() => WithRepeatables = true;
    }

    /// <summary>No version, but the repeatable files that changed.</summary>
    public sealed record Repeatables : MigrationGoal
    {
        /// <summary>The files that changed.</summary>
        public Repeatables() => WithRepeatables = true;
    }

    /// <summary>The next pending ups, ascending.</summary>
    /// <param name="Count">How many, at least 1.</param>
    /// <param name="Shortage">What it is that fewer are pending: the plan then has the finding MigrationsTooFew.</param>
    public sealed record Next(int Count, FindingSeverity Shortage = FindingSeverity.Warning) : MigrationGoal;

    /// <summary>
    /// To a version: with none applied above it, the pending ups up to it; else downs of all that is applied above it.
    /// </summary>
    /// <param name="Version">A version that exists; for a down it must be applied.</param>
    public sealed record To(long Version) : MigrationGoal;

    /// <summary>Down to a version, which stays applied; 0 rolls back all.</summary>
    /// <param name="Version">An applied version, or 0.</param>
    public sealed record DownTo(long Version) : MigrationGoal;

    /// <summary>Just these versions: ascending for up, descending for down.</summary>
    public sealed record Exactly(IReadOnlyList<long> Versions, MigrationDirection Direction) : MigrationGoal;

    /// <summary>The last applied ones by version, descending.</summary>
    /// <param name="Count">How many, at least 1; <see cref="int.MaxValue"/> for all.</param>
    /// <param name="Shortage">What it is that fewer are applied: the plan then has the finding MigrationsTooFew.</param>
    public sealed record Last(int Count, FindingSeverity Shortage = FindingSeverity.Warning) : MigrationGoal;
}
