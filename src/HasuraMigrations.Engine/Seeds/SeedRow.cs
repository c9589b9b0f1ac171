namespace HasuraMigrations.Engine.Seeds;

/// <summary>What a database has recorded of one seed file.</summary>
/// <param name="Path">Path below the seeds directory of the database, with slashes.</param>
/// <param name="Checksum">Checksum of the file that ran.</param>
/// <param name="IsRunning">True while a run without a transaction is in the middle of it, or was interrupted there.</param>
/// <param name="FinishedStatements">Number of statements that are done, where <paramref name="IsRunning"/>.</param>
/// <param name="FinishedHash">SHA-256 of the text up to the end of the last of them, where <paramref name="IsRunning"/>.</param>
/// <param name="IsNextInDoubt">True where the next statement was begun and its outcome is not known.</param>
public sealed record SeedRow(string Path, string Checksum, bool IsRunning, int FinishedStatements, string FinishedHash, bool IsNextInDoubt);
