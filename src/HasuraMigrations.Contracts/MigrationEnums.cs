namespace HasuraMigrations;

/// <summary>Which way a migration goes.</summary>
public enum MigrationDirection
{
    /// <summary>Apply.</summary>
    Up,

    /// <summary>Roll back.</summary>
    Down,
}

/// <summary>One file of a migration.</summary>
public enum MigrationStepKind
{
    /// <summary><c>up.sql</c></summary>
    UpSql,

    /// <summary><c>up.yaml</c>, config version 1 only.</summary>
    UpYaml,

    /// <summary><c>down.yaml</c>, config version 1 only.</summary>
    DownYaml,

    /// <summary><c>down.sql</c></summary>
    DownSql,
}

/// <summary>How transactions are laid around migrations.</summary>
public enum MigrationTransactionMode
{
    /// <summary>Each migration and its record are one transaction.</summary>
    PerMigration,

    /// <summary>All migrations of a run and their records are one transaction.</summary>
    All,

    /// <summary>Statement by statement, as a file with the no-transaction directive runs.</summary>
    None,
}

/// <summary>Where a migration stands.</summary>
public enum MigrationState
{
    /// <summary>Not applied.</summary>
    Pending,

    /// <summary>Applied.</summary>
    Applied,

    /// <summary>A run without a transaction was interrupted in the middle; run again to resume, or repair.</summary>
    Interrupted,

    /// <summary>Marked dirty in Hasura's record; repair it.</summary>
    Dirty,

    /// <summary>History and Hasura's record contradict each other and neither can be believed; repair it.</summary>
    InDoubt,
}

/// <summary>How the files of an applied migration compare to what was applied.</summary>
public enum MigrationChecksumState
{
    /// <summary>Nothing to compare: not applied, or no file.</summary>
    None,

    /// <summary>The up steps are those that were applied.</summary>
    Unchanged,

    /// <summary>An up step differs from the one that was applied.</summary>
    Changed,

    /// <summary>Applied by another tool: the file of the time of adoption was taken as the one applied.</summary>
    Assumed,
}

/// <summary>Who recorded a migration.</summary>
public enum MigrationOrigin
{
    /// <summary>This module ran it.</summary>
    Module,

    /// <summary>Hasura's own CLI or console ran it.</summary>
    Hasura,

    /// <summary>It was recorded without being run.</summary>
    Baseline,
}

/// <summary>What became of a planned migration.</summary>
public enum MigrationOutcome
{
    /// <summary>Its up steps ran and are recorded.</summary>
    Applied,

    /// <summary>Its down steps ran and the record is gone.</summary>
    RolledBack,

    /// <summary>Recorded as applied without being run.</summary>
    Recorded,

    /// <summary>The record was removed without running the down steps.</summary>
    Forgotten,
}
