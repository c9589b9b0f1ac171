namespace HasuraMigrations.Engine.Seeds;

/// <summary>A seed file.</summary>
/// <param name="Path">Path below the seeds directory of the database, with slashes.</param>
/// <param name="File">Full path.</param>
public sealed record SeedEntry(string Path, string File);
