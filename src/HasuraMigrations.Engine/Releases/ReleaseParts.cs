using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Releases;

/// <summary>One database of a release.</summary>
/// <param name="Database">The database.</param>
/// <param name="Source">Its migrations.</param>
/// <param name="Target">Where they are applied.</param>
public sealed record ReleaseDatabase(ProjectDatabase Database, MigrationSource Source, IMigrationTarget Target)
{
    /// <summary>Its seed files; null where none are to run.</summary>
    public SeedSource? Seeds { get; init; }

    /// <summary>Where they run; null where none are to run.</summary>
    public ISeedTarget? SeedTarget { get; init; }

    /// <summary>The part of a given plan for it; null where the plan is made now.</summary>
    public DatabasePlan? Saved { get; init; }

    internal string Name => Database.Name;
}

/// <summary>What is released, and where to.</summary>
public sealed record ReleaseParts
{
    /// <summary>The project.</summary>
    public required HasuraProject Project { get; init; }

    /// <summary>The databases with migrations or seed files.</summary>
    public required IReadOnlyList<ReleaseDatabase> Databases { get; init; }

    /// <summary>Where Hasura keeps its metadata; null where no metadata belongs to the release.</summary>
    public IMetadataTarget? Metadata { get; init; }

    /// <summary>The metadata of the project; null where none belongs to the release.</summary>
    public MetadataDocument? Document { get; init; }
}

/// <summary>How a release is made.</summary>
public sealed record ReleaseOptions
{
    /// <summary>How migrations are planned.</summary>
    public required PlanOptions Plan { get; init; }

    /// <summary>How migrations and seed files are run.</summary>
    public required RunOptions Run { get; init; }

    /// <summary>How seed files are planned.</summary>
    public SeedOptions Seeds { get; init; } = new();

    /// <summary>How the metadata is imported.</summary>
    public MetadataImportOptions Metadata { get; init; } = new();

    /// <summary>Decides what metadata goes before the migrations; null where all of it follows them.</summary>
    public IReleaseOrder? Order { get; init; }

    /// <summary>The part of a given plan for the metadata; null where the plan is made now.</summary>
    public MetadataPlan? SavedMetadata { get; init; }

    /// <summary>How many databases are worked on at once.</summary>
    public int ThrottleLimit { get; init; } = 1;
}

/// <summary>Is told how a release goes. Everything may be called from any thread.</summary>
public interface IReleaseObserver
{
    /// <summary>A step begins.</summary>
    void Entered(ReleaseStep step);

    /// <summary>The migrations of a database begin to run.</summary>
    /// <param name="database">Source name.</param>
    /// <param name="count">How many are planned.</param>
    /// <returns>Is told how they go.</returns>
    IRunObserver BeginMigrations(string database, int count);

    /// <summary>The work on the migrations of a database is over.</summary>
    void EndMigrations(DatabaseRunSummary summary);

    /// <summary>The seed files of a database begin to run.</summary>
    /// <param name="database">Source name.</param>
    /// <param name="count">How many are planned.</param>
    /// <returns>Is told how they go.</returns>
    ISeedObserver BeginSeeds(string database, int count);

    /// <summary>The work on the seed files of a database is over.</summary>
    void EndSeeds(string database);

    /// <summary>Something a user should know.</summary>
    void Warned(Finding finding);

    /// <summary>The release was stopped, and has come to rest.</summary>
    /// <param name="notUndone">What it did and could not undo, in sentences.</param>
    void Stopped(IReadOnlyList<string> notUndone);
}
