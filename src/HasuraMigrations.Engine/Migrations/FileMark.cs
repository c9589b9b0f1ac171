namespace HasuraMigrations.Engine.Migrations;

/// <summary>What makes a file of what is run like a migration: it has a path in place of a version, and no direction.</summary>
/// <param name="Kind">What kind of file it is.</param>
/// <param name="Path">Path with slashes: below the seeds directory of the database, or below its migrations directory.</param>
/// <param name="Checksum">Checksum of the file.</param>
/// <param name="IsOnce">True to record it, so that it does not run again while it is unchanged.</param>
/// <param name="MayChangeSchema">True where its statements may change tables, so that running servers must notice.</param>
public sealed record FileMark(FileKind Kind, string Path, string Checksum, bool IsOnce, bool MayChangeSchema)
{
    /// <summary>What it is, for messages.</summary>
    internal string Title => $"{Noun} '{Path}'";

    /// <summary>The kind, for messages.</summary>
    internal string Noun => Kind == FileKind.Seed ? "seed file" : "repeatable file";
}

/// <summary>Kinds of files that run as migrations do.</summary>
public enum FileKind
{
    /// <summary>A seed file.</summary>
    Seed,

    /// <summary>A repeatable file: it runs again when it changed.</summary>
    Repeatable,
}
