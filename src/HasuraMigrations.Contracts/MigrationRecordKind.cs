namespace HasuraMigrations;

/// <summary>What a repair records a migration as.</summary>
public enum MigrationRecordKind
{
    /// <summary>Applied: its effects are in the database.</summary>
    Applied,

    /// <summary>Rolled back: its effects are not in the database.</summary>
    RolledBack,

    /// <summary>Interrupted, and the statement at which it stands took effect: the next run goes on behind it.</summary>
    Run,

    /// <summary>Interrupted, and the statement at which it stands did not take effect: the next run runs it again.</summary>
    NotRun,

    /// <summary>Squashed: its file replaces older versions whose files are gone. Their records go, and it is applied.</summary>
    Squashed,
}
