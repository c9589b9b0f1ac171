namespace HasuraMigrations.Engine.Migrations;

/// <summary>What makes a seed file of what is run like a migration: it has a path in place of a version, and no direction.</summary>
/// <param name="Path">Path below the seeds directory of the database, with slashes.</param>
/// <param name="Checksum">Checksum of the file.</param>
/// <param name="IsOnce">True to record it, so that it does not run again while it is unchanged.</param>
/// <param name="MayChangeSchema">True where its statements may change tables, so that running servers must notice.</param>
public sealed record SeedMark(string Path, string Checksum, bool IsOnce, bool MayChangeSchema);
