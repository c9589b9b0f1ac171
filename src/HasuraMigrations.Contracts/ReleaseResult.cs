namespace HasuraMigrations;

/// <summary>What a release of a project did; also after a failure.</summary>
public sealed record ReleaseResult
{
    /// <summary>Full path of the project directory.</summary>
    public required string Project { get; init; }

    /// <summary>Where the metadata is, without secrets; null where none belongs to the release.</summary>
    public string? Target { get; init; }

    /// <summary>The order of SQL and metadata that was planned, in a sentence for each part; empty where nothing was to be done.</summary>
    public IReadOnlyList<string> Order { get; init; } = [];

    /// <summary>The databases with migrations, in the order of the project.</summary>
    public required IReadOnlyList<DatabaseRunSummary> Databases { get; init; }

    /// <summary>Names of databases that the release did not come to.</summary>
    public IReadOnlyList<string> NotStarted { get; init; } = [];

    /// <summary>What became of the metadata; null where none belongs to the release, or where it did not come to it.</summary>
    public MetadataImportResult? Metadata { get; init; }

    /// <summary>The seed files that ran or were skipped, in that order.</summary>
    public IReadOnlyList<SeedResult> Seeds { get; init; } = [];

    /// <summary>What the release failed with; of several databases, one error for all. Null where it succeeded.</summary>
    public HasuraMigrationException? Failure { get; init; }

    /// <summary>The step that failed; null where none did.</summary>
    public ReleaseStep? FailedStep { get; init; }

    /// <summary>
    /// After a failure: true where the metadata is again the document that was there before, false where it is not. Null where the
    /// release had not written metadata, or did not fail.
    /// </summary>
    public bool? MetadataRestored { get; init; }

    /// <summary>
    /// The metadata that was there before, where it could not be put back; Import-HasuraMetadata -InputObject writes it. Null otherwise.
    /// </summary>
    public HasuraMetadata? PreviousMetadata { get; init; }

    /// <summary>After a failure: what the release did and could not undo, in sentences.</summary>
    public IReadOnlyList<string> NotUndone { get; init; } = [];

    /// <summary>What was noticed beside the databases.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Time of the release, with its waits and without questions to the user.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>True where something was written and not undone.</summary>
    public bool Changed => Databases.Any(d => d.Results.Count > 0) || Seeds.Any(s => s.Outcome == SeedOutcome.Applied) || (Metadata?.Changed == true && MetadataRestored != true);

    /// <summary>True where nothing failed.</summary>
    public bool Succeeded => Failure is null;

    /// <summary>Number of migrations that were applied.</summary>
    public int Applied => Databases.Sum(d => d.Applied);

    /// <summary>Number of migrations that remain to be applied; null where that is not known of every database.</summary>
    public int? Pending => NotStarted.Count > 0 || Databases.Any(d => d.Pending is null) ? null : Databases.Sum(d => d.Pending);

    /// <summary>What was done, in a sentence.</summary>
    public string Summary => SummaryText.Of(this);

    /// <summary>The summary.</summary>
    public override string ToString() => Summary;
}
