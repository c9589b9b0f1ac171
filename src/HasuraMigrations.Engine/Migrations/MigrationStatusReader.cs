namespace HasuraMigrations.Engine.Migrations;

/// <summary>Joins what is on disk with what is recorded.</summary>
internal static class MigrationStatusReader
{
    internal static (IReadOnlyList<HasuraMigration> Migrations, IReadOnlyList<Finding> Findings) Read(MigrationSource source, MigrationLedger ledger)
    {
        var findings = source.Findings.Concat(ledger.Findings).ToList();
        var byVersion = ByVersion(findings);
        var newest = ledger.Entries.LastOrDefault(e => e.State == MigrationState.Applied)?.Version ?? 0;
        ChecksumComparer.Prefetch([.. source.Migrations.Where(m => ledger.Find(m.Version)?.Row is not null).SelectMany(m => m.StepsOf(MigrationDirection.Up))]);
        var onDisk = source.Migrations.Select(m => One(source, ledger, m.Version, newest, byVersion));
        var onlyRecorded = ledger.Entries.Where(e => source.Find(e.Version) is null).Select(e => One(source, ledger, e.Version, newest, byVersion));
        List<HasuraMigration> migrations = [.. onDisk, .. onlyRecorded];
        migrations.Sort(static (a, b) => a.Version.CompareTo(b.Version));
        migrations.AddRange(RepeatableStatus.Read(source, ledger));
        return (migrations, findings);
    }

    private static Dictionary<long, List<Finding>> ByVersion(List<Finding> findings)
    {
        var byVersion = new Dictionary<long, List<Finding>>();
        foreach (var finding in findings)
        {
            if (finding.Version is not { } version)
            {
                continue;
            }

            if (!byVersion.TryGetValue(version, out var same))
            {
                byVersion.Add(version, same = []);
            }

            same.Add(finding);
        }

        return byVersion;
    }

    private static HasuraMigration One(MigrationSource source, MigrationLedger ledger, long version, long newest, Dictionary<long, List<Finding>> byVersion)
    {
        var migration = source.Find(version);
        var entry = ledger.Find(version);
        var state = entry?.State ?? MigrationState.Pending;
        var findings = byVersion.TryGetValue(version, out var found) ? found.ToList() : [];
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
            Steps = Kinds(migration),
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

    // An array: lists and queries of structures are compiled anew in each process.
    private static MigrationStepKind[] Kinds(SourceMigration? migration)
    {
        var kinds = new MigrationStepKind[migration?.Steps.Count ?? 0];
        for (var i = 0; i < kinds.Length; i++)
        {
            kinds[i] = migration!.Steps[i].Kind;
        }

        return kinds;
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
