namespace HasuraMigrations;

/// <summary>What a repair records a migration as.</summary>
public enum MigrationRecordKind
{
    /// <summary>Applied: its effects are in the database.</summary>
    Applied,

    /// <summary>Rolled back: its effects are not in the database.</summary>
    RolledBack,
}
