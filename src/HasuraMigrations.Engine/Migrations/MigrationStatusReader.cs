namespace HasuraMigrations.Engine.Migrations;

/// <summary>Joins what is on disk with what is recorded.</summary>
internal static class MigrationStatusReader
{
    internal static (IReadOnlyList<HasuraMigration> Migrations, IReadOnlyList<Finding> Findings) Read(MigrationSource source, MigrationLedger ledger)
    {
        var findings = source.Findings.Concat(ledger.Findings).ToList();
        var byVersion = findings.Where(f => f.Version is not null).ToLookup(f => f.Version!.Value);
        var newest = ledger.Applied.DefaultIfEmpty(0).Max();
        ChecksumComparer.Prefetch(source.Migrations.Where(m => ledger.Find(m.Version)?.Row is not null));
        var versions = source.Migrations.Select(m => m.Version).Union(ledger.Entries.Select(e => e.Version)).Order();
        return ([.. versions.Select(v => One(source, ledger, v, newest, byVersion[v]))], findings);
    }

    private static HasuraMigration One(MigrationSource source, MigrationLedger ledger, long version, long newest, IEnumerable<Finding> found)
    {
        var migration = source.Find(version);
        var entry = ledger.Find(version);
        var state = entry?.State ?? MigrationState.Pending;
        var findings = found.ToList();
        var isMissing = migration is null && state != MigrationState.Pending;
        var isSquashed = ledger.Squashes.Any(s => s.Concerns(version));
        if (isMissing && !isSquashed)
        {
            findings.Add(Finding(source.Database, version, "MigrationFileMissing", FindingSeverity.Warning, "The migration is recorded but has no local files.", null));
        }

        return new HasuraMigration
        {
            Database = source.Database,
            Version = version,
            Name = migration?.Name ?? entry?.Row?.Name,
            Status = state,
            Steps = migration is null ? [] : [.. migration.Steps.Select(s => s.Kind)],
            AppliedAt = state == MigrationState.Pending ? null : entry?.Row?.AppliedAt,
            AppliedBy = state == MigrationState.Pending ? null : entry?.Row?.AppliedBy,
            Origin = state == MigrationState.Pending ? null : entry?.Origin,
            ChecksumState = Checksum(source.Database, migration, entry, isSquashed ? [] : findings),
            IsOutOfOrder = state == MigrationState.Pending && version < newest,
            IsMissing = isMissing,
            HasStoredText = entry?.Row?.HasStoredText ?? false,
            Path = migration?.Path,
            Findings = findings,
        };
    }

    private static MigrationChecksumState Checksum(string database, SourceMigration? migration, LedgerEntry? entry, List<Finding> findings)
    {
        try
        {
            var state = ChecksumComparer.StateOf(migration, entry);
            if (state == MigrationChecksumState.Changed)
            {
                findings.Add(Finding(database, migration!.Version, "MigrationChanged", FindingSeverity.Error, "An up step changed since it was applied.", migration.Path));
            }

            return state;
        }
        catch (HasuraMigrationException e)
        {
            findings.Add(Finding(database, migration!.Version, e.ErrorId, FindingSeverity.Error, e.Message, e.File));
            return MigrationChecksumState.None;
        }
    }

    private static Finding Finding(string database, long version, string id, FindingSeverity severity, string message, string? file) =>
        new() { Database = database, Version = version, Id = id, Severity = severity, Message = message, File = file };
}
