namespace HasuraMigrations.Engine.Migrations;

/// <summary>Joins the repeatable files on disk with those that are recorded.</summary>
internal static class RepeatableStatus
{
    /// <summary>Each file, in lexical order, then those that are recorded and no longer exist.</summary>
    internal static IEnumerable<HasuraMigration> Read(MigrationSource source, MigrationLedger ledger)
    {
        var rows = ledger.Snapshot.Repeatables.ToDictionary(r => r.Path);
        ChecksumComparer.Prefetch([.. source.Repeatables.Where(f => rows.ContainsKey(f.Path)).Select(f => f.Step)]);
        var onDisk = source.Repeatables.Select(f => One(source.Database, f, rows.GetValueOrDefault(f.Path)));
        var gone = rows.Keys.Except(source.Repeatables.Select(f => f.Path)).Order(StringComparer.Ordinal);
        return [.. onDisk, .. gone.Select(path => One(source.Database, null, rows[path]))];
    }

    private static HasuraMigration One(string database, RepeatableFile? file, FileRow? row)
    {
        var findings = new List<Finding>();
        var checksum = file is null || row is null ? MigrationChecksumState.None : Checksum(database, file, row, findings);
        if (file is null)
        {
            findings.Add(Finding(database, "RepeatableFileMissing", FindingSeverity.Information, "The repeatable file is recorded, but no longer exists. The next run removes its record; what it created stays in the database.", null));
        }

        return new HasuraMigration
        {
            Database = database,
            Version = 0,
            Name = file?.Path ?? row!.Path,
            IsRepeatable = true,
            Status = row is null || checksum == MigrationChecksumState.Changed ? MigrationState.Pending : MigrationState.Applied,
            Steps = file is null ? [] : [file.Step.Kind],
            AppliedAt = row?.AppliedAt,
            AppliedBy = row?.AppliedBy,
            Origin = row is null ? null : MigrationOrigin.Module,
            ChecksumState = checksum,
            IsOutOfOrder = false,
            IsMissing = file is null,
            HasStoredText = false,
            Path = file?.Step.Path,
            Findings = findings,
        };
    }

    private static MigrationChecksumState Checksum(string database, RepeatableFile file, FileRow row, List<Finding> findings)
    {
        try
        {
            return file.Step.Checksum == row.Checksum ? MigrationChecksumState.Unchanged : MigrationChecksumState.Changed;
        }
        catch (HasuraMigrationException e)
        {
            findings.Add(Finding(database, e.ErrorId, FindingSeverity.Error, e.Message, e.File));
            return MigrationChecksumState.None;
        }
    }

    private static Finding Finding(string database, string id, FindingSeverity severity, string message, string? file) =>
        new() { Database = database, Id = id, Severity = severity, Message = message, File = file };
}
