namespace HasuraMigrations.Engine.Migrations;

/// <summary>A version whose files are replaced by others that do the same to the database.</summary>
/// <param name="Version">Version number.</param>
/// <param name="Name">Name.</param>
/// <param name="Old">Checksums of its steps before, by file name.</param>
/// <param name="New">Checksums of its steps now; null where it has no files any more.</param>
public sealed record VersionChange(long Version, string Name, IReadOnlyDictionary<string, string> Old, IReadOnlyDictionary<string, string>? New)
{
    /// <summary>True where a record was made of the old up step.</summary>
    internal bool WasRecorded(HistoryRow row) => row is { IsRunning: false, Direction: MigrationDirection.Up } && HasUp(row, Old);

    /// <summary>True where a record says the new up step.</summary>
    internal bool IsRecorded(HistoryRow row) => New is not null && HasUp(row, New);

    private static bool HasUp(HistoryRow row, IReadOnlyDictionary<string, string> checksums) => Up(row.Checksums).SequenceEqual(Up(checksums));

    private static IEnumerable<KeyValuePair<string, string>> Up(IReadOnlyDictionary<string, string> checksums) =>
        checksums.Where(c => c.Key.StartsWith("up.", StringComparison.Ordinal)).OrderBy(c => c.Key, StringComparer.Ordinal);
}
