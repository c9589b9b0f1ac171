namespace HasuraMigrations;

/// <summary>What a run did on one database, and what is left there.</summary>
public sealed record DatabaseRunSummary
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>User, host, port and name of the database, without secrets; null where it was not reached.</summary>
    public string? Target { get; init; }

    /// <summary>The migrations that were committed, in that order, whether or not the pipeline accepted their results.</summary>
    public required IReadOnlyList<MigrationResult> Results { get; init; }

    /// <summary>Number of migrations that remain to be applied, an interrupted one included; null where that is not known.</summary>
    public int? Pending { get; init; }

    /// <summary>Time of the run, with its waits and without questions to the user.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>What stopped the run; null where nothing did.</summary>
    public HasuraMigrationException? Failure { get; init; }

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Number of migrations that were applied.</summary>
    public int Applied => Count(MigrationOutcome.Applied);

    /// <summary>Number of migrations that were rolled back.</summary>
    public int RolledBack => Count(MigrationOutcome.RolledBack);

    /// <summary>Number of migrations that were recorded without running them.</summary>
    public int Recorded => Count(MigrationOutcome.Recorded);

    /// <summary>Number of migrations whose record was removed without running them.</summary>
    public int Forgotten => Count(MigrationOutcome.Forgotten);

    /// <summary>True where nothing stopped the run.</summary>
    public bool Succeeded => Failure is null;

    /// <summary>The summary in a sentence.</summary>
    public override string ToString() => SummaryText.Of(this);

    private int Count(MigrationOutcome outcome) => Results.Count(r => r.Outcome == outcome);
}
