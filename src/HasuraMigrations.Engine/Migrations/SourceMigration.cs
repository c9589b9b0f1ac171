namespace HasuraMigrations.Engine.Migrations;

/// <summary>A migration on disk.</summary>
/// <param name="Version">Version number.</param>
/// <param name="Name">What stands between version and direction; may be empty.</param>
/// <param name="Path">Full path of its directory, or of its first file in the flat form.</param>
/// <param name="Steps">Steps that are not empty, in the order <c>up.sql</c>, <c>up.yaml</c>, <c>down.yaml</c>, <c>down.sql</c>.</param>
public sealed record SourceMigration(long Version, string Name, string Path, IReadOnlyList<SourceStep> Steps)
{
    /// <summary>The steps of a direction, in the order in which they run.</summary>
    public IReadOnlyList<SourceStep> StepsOf(MigrationDirection direction) => [.. Steps.Where(s => s.Direction == direction)];

    /// <summary>Checksums by file name (<c>up.sql</c>, ...). Reads the files.</summary>
    public IReadOnlyDictionary<string, string> Checksums() => Steps.ToDictionary(s => SourceStep.FileName(s.Kind), s => s.Checksum);
}
