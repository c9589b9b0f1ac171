namespace HasuraMigrations.Engine.Migrations;

/// <summary>A file that runs again when it changed, such as the definition of a view.</summary>
/// <param name="Path">Path below the migrations directory of the database, with slashes.</param>
/// <param name="Step">Its text.</param>
public sealed record RepeatableFile(string Path, SourceStep Step)
{
    /// <summary>The directory of such files in the migrations directory of a database.</summary>
    internal const string Directory = "repeatable";
}
