namespace HasuraMigrations;

/// <summary>How the seed files of a run are grouped into transactions.</summary>
public enum SeedTransactionMode
{
    /// <summary>All files of a run are one transaction.</summary>
    All,

    /// <summary>Each file is one transaction.</summary>
    PerFile,

    /// <summary>Statement by statement, as a file with the no-transaction directive runs.</summary>
    None,
}

/// <summary>What became of a seed file.</summary>
public enum SeedOutcome
{
    /// <summary>Its statements ran and are committed.</summary>
    Applied,

    /// <summary>It was recorded before and did not change since, so it did not run.</summary>
    Skipped,
}

/// <summary>What is removed of a migration.</summary>
public enum MigrationRemovalScope
{
    /// <summary>Its files, and its records in the database.</summary>
    Both,

    /// <summary>Only its files.</summary>
    Files,

    /// <summary>Only its records in the database: the history, and Hasura's record.</summary>
    State,
}
