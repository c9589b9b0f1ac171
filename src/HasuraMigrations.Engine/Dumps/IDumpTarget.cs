namespace HasuraMigrations.Engine.Dumps;

/// <summary>A database that <c>pg_dump</c> reads.</summary>
public interface IDumpTarget : IAsyncDisposable
{
    /// <summary>User, host, port and database, for messages; no secret.</summary>
    string Description { get; }

    /// <summary>The text that <c>pg_dump</c> writes.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">DumpProgramMissing, DumpFailed, and the errors of the target.</exception>
    Task<string> DumpAsync(IReadOnlyList<string> options, CancellationToken cancellationToken);
}
