using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Brings the records of a target in line with the files of a project that is updated to a newer config version.</summary>
/// <param name="project">The project before the update.</param>
/// <param name="request">The target.</param>
/// <param name="run">How records are written.</param>
/// <param name="reopen">Opens the project again, after its files were replaced.</param>
/// <param name="observer">Is told how it goes.</param>
internal sealed class UpdateRecords(HasuraProject project, ConnectionRequest request, RunOptions run, Func<HasuraProject> reopen, IRunObserver observer)
{
    /// <summary>What would be changed, as the end of a question.</summary>
    /// <param name="outcome">What is done.</param>
    /// <param name="versions">Versions that the update changes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">The errors of connections.</exception>
    internal async Task<string> DescribeAsync(UpdateOutcome outcome, IReadOnlyList<VersionChange> versions, CancellationToken cancellationToken)
    {
        var (name, target) = OpenRecords(outcome, versions);
        await using (target.ConfigureAwait(false))
        {
            var count = (await new RecordUpdate(name, target).PlanAsync(versions, cancellationToken).ConfigureAwait(false)).Recorded.Count;
            return $"; on {target.Description}, change {count} record{(count == 1 ? "" : "s")}{(outcome.To == 3 ? " and copy Hasura's record to the catalog state" : "")}";
        }
    }

    /// <summary>Replaces the files, and brings the records in line with them.</summary>
    /// <param name="outcome">What is done; what was recorded is added to it.</param>
    /// <param name="versions">Versions that the update changed.</param>
    /// <param name="replace">Replaces the files.</param>
    /// <param name="cancellationToken">Stops it before the files are touched.</param>
    /// <exception cref="HasuraMigrationException">What connections, files and a run may raise.</exception>
    internal async Task WriteAsync(UpdateOutcome outcome, IReadOnlyList<VersionChange> versions, Action replace, CancellationToken cancellationToken)
    {
        var (name, target) = OpenRecords(outcome, versions);
        await using (target.ConfigureAwait(false))
        {
            outcome.Target = target.Description;
            var done = await new RecordUpdate(name, target).RunAsync(versions, () =>
            {
                replace();
                var updated = reopen();
                return MigrationSource.Scan(updated, updated.Database(outcome.To == 3 ? outcome.Database : HasuraProject.DefaultDatabase));
            }, run, observer, cancellationToken).ConfigureAwait(false);
            outcome.Recorded = done.Recorded;
            Tell(outcome, done.Findings);
        }

        if (outcome.To == 3)
        {
            await CopyStateAsync(outcome).ConfigureAwait(false);
            if (outcome.Database != HasuraProject.DefaultDatabase)
            {
                await WarnOfOldNameAsync(outcome).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Opens a database of a project.</summary>
    /// <param name="of">The project before or after the update.</param>
    /// <param name="database">The database to connect to.</param>
    /// <param name="name">Its name in the records.</param>
    /// <param name="configVersion">The config version whose records are used.</param>
    internal IMigrationTarget Open(HasuraProject of, string database, string name, int configVersion) =>
        MigrationTargets.Open(new ConnectionResolver(of, request, databaseCount: 1).Resolve(of.Database(database)), name, configVersion);

    /// <summary>Copies the tables of Hasura's record to the catalog state, which config version 3 uses.</summary>
    private async Task CopyStateAsync(UpdateOutcome outcome)
    {
        var updated = reopen();
        var target = Open(updated, outcome.Database, outcome.Database, 3);
        await using (target.ConfigureAwait(false))
        {
            var record = await target.ReadRecordAsync(CancellationToken.None).ConfigureAwait(false);
            if (!record.Has(MigrationStateStore.Table))
            {
                return;
            }

            if (!record.Has(MigrationStateStore.Catalog))
            {
                var missing = StateRecords.Findings(record, MigrationStateStore.Catalog, target.Description)
                    .Select(f => f with { RecommendedAction = "If Hasura's metadata is in another database, run the command again with -MetadataConnectionString." }).ToList();
                Tell(outcome, missing);
                return;
            }

            observer.Informed("Copying the versions from the tables of Hasura's record to its catalog state.");
            var change = StateChange.Copy(record, MigrationStateStore.Table, MigrationStateStore.Catalog, "state copied from the table");
            var runner = new MigrationRunner(MigrationSource.Scan(updated, updated.Database(outcome.Database)), target);
            outcome.StateAdded = (await runner.WriteStateAsync(change, run, observer, CancellationToken.None).ConfigureAwait(false)).Added.Count;
        }
    }

    /// <summary>Warns of a history under the name that older config versions have: what it says of files counts for no other name.</summary>
    private async Task WarnOfOldNameAsync(UpdateOutcome outcome)
    {
        var target = Open(reopen(), outcome.Database, HasuraProject.DefaultDatabase, 2);
        await using (target.ConfigureAwait(false))
        {
            TargetSnapshot snapshot;
            try
            {
                snapshot = await target.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            }
            // A server that does not know the name runs nothing under it, but the history there may have it.
            catch (HasuraMigrationException e) when (e.ErrorId == "ServerSourceMissing")
            {
                return;
            }

            if (!snapshot.HasHistory || snapshot.History.Count + snapshot.Repeatables.Count == 0)
            {
                return;
            }

            var names = string.Join(' ', new[] { "history", "log", "seed", "repeatable" }.Select(t => $"UPDATE hasura_migrations.{t} SET database_name = '{outcome.Database.Replace("'", "''", StringComparison.Ordinal)}' WHERE database_name = '{HasuraProject.DefaultDatabase}';"));
            Tell(outcome,
            [
                new Finding
                {
                    Id = "HistoryUnderOldName",
                    Severity = FindingSeverity.Warning,
                    Message = $"The history on {target.Description} is that of the name '{HasuraProject.DefaultDatabase}'. Migrations are taken from Hasura's record at the next run, but repeatable files, and seed files with -Once, would run again.",
                    Database = outcome.Database,
                    RecommendedAction = $"Before the next run, execute, without the tables that do not exist: {names}",
                },
            ]);
        }
    }

    /// <summary>
    /// The target with the records of the old files, under the name that older config versions have. Until the state is copied, the tables
    /// are what tells which versions are applied. Where there are no such records to change, a server need not know that name.
    /// </summary>
    private (string Name, IMigrationTarget Target) OpenRecords(UpdateOutcome outcome, IReadOnlyList<VersionChange> versions)
    {
        var (name, configVersion) = versions.Count == 0 && outcome.To == 3 ? (outcome.Database, 3) : (HasuraProject.DefaultDatabase, Math.Min(project.ConfigVersion, 2));
        return (name, Open(project, project.ConfigVersion == 3 ? outcome.Database : HasuraProject.DefaultDatabase, name, configVersion));
    }

    private void Tell(UpdateOutcome outcome, IReadOnlyList<Finding> findings)
    {
        outcome.Findings.AddRange(findings);
        foreach (var finding in findings)
        {
            observer.Warned(finding);
        }
    }
}
