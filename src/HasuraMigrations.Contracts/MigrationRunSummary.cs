namespace HasuraMigrations;

/// <summary>What a command that ran migrations did, how long it took, and what is left; also after a failure.</summary>
public sealed record MigrationRunSummary
{
    /// <summary>The databases of the run, in that order.</summary>
    public required IReadOnlyList<DatabaseRunSummary> Databases { get; init; }

    /// <summary>Names of databases that the command did not come to, because it was stopped before.</summary>
    public IReadOnlyList<string> NotStarted { get; init; } = [];

    /// <summary>What stopped the command before any database was chosen; null where nothing did.</summary>
    public HasuraMigrationException? Failure { get; init; }

    /// <summary>True where nothing was run because of -WhatIf.</summary>
    public bool IsWhatIf { get; init; }

    /// <summary>True where nothing failed.</summary>
    public bool Succeeded => Failure is null && Databases.All(d => d.Succeeded);

    /// <summary>Number of migrations that were applied.</summary>
    public int Applied => Databases.Sum(d => d.Applied);

    /// <summary>Number of migrations that were rolled back.</summary>
    public int RolledBack => Databases.Sum(d => d.RolledBack);

    /// <summary>Number of migrations that were recorded without running them.</summary>
    public int Recorded => Databases.Sum(d => d.Recorded);

    /// <summary>Number of migrations whose record was removed without running them.</summary>
    public int Forgotten => Databases.Sum(d => d.Forgotten);

    /// <summary>Number of migrations that remain to be applied; null where that is not known of every database.</summary>
    public int? Pending => Databases.Count == 0 || NotStarted.Count > 0 || Databases.Any(d => d.Pending is null) ? null : Databases.Sum(d => d.Pending);

    /// <summary>Number of databases on which the run failed.</summary>
    public int FailedDatabases => Databases.Count(d => !d.Succeeded);

    /// <summary>Time of all runs. Of databases at once, the time of the command.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The migrations that were committed, in that order.</summary>
    public IReadOnlyList<MigrationResult> Results => [.. Databases.SelectMany(d => d.Results)];

    /// <summary>What failed.</summary>
    public IReadOnlyList<HasuraMigrationException> Failures => [.. new[] { Failure }.Concat(Databases.Select(d => d.Failure)).OfType<HasuraMigrationException>()];

    /// <summary>The summary in a sentence.</summary>
    public override string ToString() => SummaryText.Of(this);
}
