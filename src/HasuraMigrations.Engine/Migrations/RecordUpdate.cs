namespace HasuraMigrations.Engine.Migrations;

/// <summary>What became of the records of a database.</summary>
/// <param name="Recorded">Versions whose records were changed or removed, ascending.</param>
/// <param name="Findings">What was noticed.</param>
public sealed record RecordChange(IReadOnlyList<long> Recorded, IReadOnlyList<Finding> Findings);

/// <summary>
/// Brings the records of a database in line with files that were replaced by others that do the same: the checksums of versions that
/// were applied with the old files become those of the new ones, and versions without files are forgotten. No SQL of a migration runs.
/// </summary>
/// <param name="database">Source name.</param>
/// <param name="target">Where the migrations are applied.</param>
public sealed class RecordUpdate(string database, IMigrationTarget target)
{
    /// <summary>What would be changed; writes nothing.</summary>
    /// <param name="versions">The versions whose files are replaced.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<RecordChange> PlanAsync(IReadOnlyList<VersionChange> versions, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var chosen = Choose(versions, await target.ReadAsync(cancellationToken).ConfigureAwait(false), findings);
        return new RecordChange([.. chosen.Select(v => v.Version)], findings);
    }

    /// <summary>Replaces the files under the lock, then the records in one transaction: doing it again completes it, whenever it stops.</summary>
    /// <param name="versions">The versions whose files are replaced.</param>
    /// <param name="place">Puts the files in place, and reads them again.</param>
    /// <param name="runOptions">How to run.</param>
    /// <param name="observer">Is told how it goes; gets a result for each record.</param>
    /// <param name="cancellationToken">Stops it before the files are touched.</param>
    /// <exception cref="HasuraMigrationException">What a run may raise.</exception>
    public async Task<RecordChange> RunAsync(IReadOnlyList<VersionChange> versions, Func<MigrationSource> place, RunOptions runOptions, IRunObserver observer, CancellationToken cancellationToken)
    {
        await using var run = await target.BeginRunAsync(runOptions, observer, cancellationToken).ConfigureAwait(false);
        var findings = new List<Finding>();
        var chosen = Choose(versions, await run.ReadAsync(cancellationToken).ConfigureAwait(false), findings);
        cancellationToken.ThrowIfCancellationRequested();
        var source = place();
        if (chosen.Count > 0)
        {
            await run.RepairAsync([.. chosen.Select(v => Request(v, source))], CancellationToken.None).ConfigureAwait(false);
        }

        await run.FinishAsync(CancellationToken.None).ConfigureAwait(false);
        return new RecordChange([.. chosen.Select(v => v.Version)], findings);
    }

    private static RepairRequest Request(VersionChange version, MigrationSource source) => version.New is null
        ? new RepairRequest(version.Version, version.Name, false, null, "removed: actions on metadata alone")
        : new RepairRequest(version.Version, version.Name, true, source.Find(version.Version), "files of a newer config version", IsChecksumOnly: true);

    private List<VersionChange> Choose(IReadOnlyList<VersionChange> versions, TargetSnapshot snapshot, List<Finding> findings)
    {
        var rows = snapshot.History.ToDictionary(r => r.Version);
        var chosen = new List<VersionChange>();
        foreach (var version in versions.OrderBy(v => v.Version))
        {
            var row = rows.GetValueOrDefault(version.Version);
            if (row is { IsRunning: true } || snapshot.State.Versions.GetValueOrDefault(version.Version))
            {
                findings.Add(Kept(version, "it was interrupted", "Resume or repair it."));
            }
            else if (version.New is null)
            {
                // A version that is rolled back and that the state is still to be told of has a row, too.
                if (row is not null || snapshot.State.Versions.ContainsKey(version.Version))
                {
                    chosen.Add(version);
                }
            }
            else if (row is not null && version.WasRecorded(row))
            {
                chosen.Add(version);
            }
            else if (row is { Direction: MigrationDirection.Up } && !version.IsRecorded(row))
            {
                findings.Add(Kept(version, "its files were applied with another content", $"Check what differs, then run Repair-HasuraMigration -Version {version.Version} -AcceptChecksum."));
            }
        }

        return chosen;
    }

    private Finding Kept(VersionChange version, string why, string advice) => new()
    {
        Id = "RecordNotUpdated",
        Severity = FindingSeverity.Warning,
        Message = $"The record of migration {version.Version} stays as it is: {why}.",
        Database = database,
        Version = version.Version,
        RecommendedAction = advice,
    };
}
