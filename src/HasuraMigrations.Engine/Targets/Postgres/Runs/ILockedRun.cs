namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>A run that has taken its lock and is not ready yet.</summary>
internal interface ILockedRun
{
    /// <summary>Refuses a pooler that changes the server process behind a session.</summary>
    /// <exception cref="HasuraMigrationException">PoolerDetected.</exception>
    Task CheckPoolerAsync(CancellationToken cancellationToken);

    /// <summary>Makes what the run records ready for writing.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);
}
