namespace HasuraMigrations;

/// <summary>Where the work is done.</summary>
public enum HasuraTargetKind
{
    /// <summary>Straight on the PostgreSQL database.</summary>
    Postgres,

    /// <summary>Through a running Hasura server.</summary>
    Server,
}
