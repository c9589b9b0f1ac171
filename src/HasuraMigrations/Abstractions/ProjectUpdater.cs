using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Abstractions;

/// <summary>What a user chose for an update.</summary>
/// <param name="Update">What to update to.</param>
/// <param name="IsDatabaseGiven">True where the database was named.</param>
/// <param name="MetadataSource">Where the metadata comes from; null for the target, where there is one with metadata, else the files.</param>
/// <param name="SkipProof">True to leave the comparison out.</param>
/// <param name="Proof">How throwaway databases are made.</param>
/// <param name="Run">How records are written.</param>
internal sealed record UpdaterOptions(UpdateOptions Update, bool IsDatabaseGiven, ProjectMetadataSource? MetadataSource, bool SkipProof, ProofOptions Proof, RunOptions Run);

/// <summary>What the user says to a question.</summary>
internal enum UpdateAnswer
{
    /// <summary>Do it.</summary>
    Yes,

    /// <summary>Do not.</summary>
    No,

    /// <summary>Only show it.</summary>
    WhatIf,
}

/// <summary>Updates a project to a newer config version: plans, proves, asks, replaces the files, and brings the records in line.</summary>
/// <param name="project">The project.</param>
/// <param name="options">What a user chose.</param>
/// <param name="request">The target; null for none.</param>
/// <param name="reopen">Opens the project again, after its files were replaced.</param>
/// <param name="observer">Is told how it goes.</param>
/// <param name="confirm">Asks the user: about what, to do what.</param>
/// <param name="tell">Says something to the user.</param>
internal sealed class ProjectUpdater(HasuraProject project, UpdaterOptions options, ConnectionRequest? request, Func<HasuraProject> reopen, IRunObserver observer, Func<string, string, Task<UpdateAnswer>> confirm, Func<string, Task> tell)
{
    private readonly UpdateFiles _files = new(project, observer.Informed);
    private UpdateOptions _update = options.Update;

    /// <summary>Updates.</summary>
    /// <param name="cancellationToken">Stops it before the files are touched.</param>
    /// <returns>What was done, or with -WhatIf what would be; null where the user did not agree, or nothing is to be done.</returns>
    /// <exception cref="HasuraMigrationException">What planning, proof, files and a run may raise.</exception>
    internal async Task<ProjectUpdate?> RunAsync(CancellationToken cancellationToken)
    {
        if (UpdatePlaces.FindUnfinished(project.Directory) is { } unfinished)
        {
            return await CompleteAsync(unfinished.Path, unfinished.To, cancellationToken).ConfigureAwait(false);
        }

        return project.ConfigVersion == _update.ToVersion
            ? await SettleAsync(cancellationToken).ConfigureAwait(false)
            : await UpdateAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<ProjectUpdate?> UpdateAsync(CancellationToken cancellationToken)
    {
        new UpdatePlanner(project, _update).Check();
        var (document, description) = await ReadTargetAsync(cancellationToken).ConfigureAwait(false);
        var isOfTarget = document is not null && options.MetadataSource != ProjectMetadataSource.Files;
        ChooseDatabase(isOfTarget ? document : null);
        var metadata = new UpdateMetadata(project, _update);
        metadata.ReadFiles();
        var migrations = project.ConfigVersion == 1 ? new MigrationConverter(project).Convert() : null;
        if (isOfTarget && migrations is { HasActions: true })
        {
            await RequireAppliedAsync(migrations, cancellationToken).ConfigureAwait(false);
        }

        var replay = await ReplayAsync(migrations, metadata.HasFiles || isOfTarget, cancellationToken).ConfigureAwait(false);
        var chosen = metadata.Choose(migrations, replay?.Metadata, document, isOfTarget, description);
        var plan = new UpdatePlanner(project, _update).Make(migrations, chosen, metadata.OldFiles);
        var outcome = new UpdateOutcome(plan)
        {
            MetadataSource = chosen is null ? null : isOfTarget ? ProjectMetadataSource.Target : ProjectMetadataSource.Files,
            IsProven = replay is not null && !options.SkipProof,
            Findings = [.. plan.Findings, .. metadata.Findings, .. replay?.Findings ?? []],
        };
        Warn(outcome.Findings);
        foreach (var line in plan.Lines)
        {
            observer.Informed(line);
        }

        var answer = await confirm(project.Directory, $"{plan}{await RecordsAsync(outcome, plan.Versions, cancellationToken).ConfigureAwait(false)}").ConfigureAwait(false);
        if (answer != UpdateAnswer.Yes)
        {
            return answer == UpdateAnswer.WhatIf ? outcome.ToResult() : null;
        }

        cancellationToken.ThrowIfCancellationRequested();
        await ReplaceAsync(outcome, () => _files.Replace(plan), cancellationToken).ConfigureAwait(false);
        return outcome.ToResult();
    }

    private async Task<ProjectUpdate?> CompleteAsync(string staging, int to, CancellationToken cancellationToken)
    {
        var manifest = _files.ReadUnfinished(staging);
        if (to != _update.ToVersion)
        {
            throw new HasuraMigrationException("UpdateUnfinished", $"The update of the project '{project.Directory}' to config version {to} was interrupted while its files were replaced.", project.Directory)
            {
                File = staging,
                RecommendedAction = $"Run Update-HasuraProject -ConfigVersion {to} first; it completes that update.",
            };
        }

        var outcome = new UpdateOutcome(project.Directory, manifest);
        var answer = await confirm(project.Directory, $"Complete the update of config version {manifest.From} to {to}; backup in '{manifest.Backup}'").ConfigureAwait(false);
        if (answer != UpdateAnswer.Yes)
        {
            return answer == UpdateAnswer.WhatIf ? outcome.ToResult() : null;
        }

        await ReplaceAsync(outcome, () => _files.Complete(staging), cancellationToken).ConfigureAwait(false);
        return outcome.ToResult();
    }

    /// <summary>Brings the records of another target in line with files that an earlier call replaced.</summary>
    private async Task<ProjectUpdate?> SettleAsync(CancellationToken cancellationToken)
    {
        var manifests = UpdateManifest.Find(project, _update.BackupPath);
        if (request is null || manifests.Count == 0)
        {
            await tell(request is null
                ? $"The project has config version {project.ConfigVersion} already, and no target was given."
                : $"The project has config version {project.ConfigVersion} already, and there is no backup with {UpdatePlaces.ManifestFile} that shows which records belong to its files.").ConfigureAwait(false);
            return null;
        }

        var outcome = new UpdateOutcome(project.Directory, manifests[^1]) { Written = [], Moved = [], Removed = [] };
        var versions = manifests.SelectMany(m => m.Versions).ToList();
        var answer = await confirm(project.Directory, $"Bring the records in line with config version {project.ConfigVersion}{await RecordsAsync(outcome, versions, cancellationToken).ConfigureAwait(false)}").ConfigureAwait(false);
        if (answer != UpdateAnswer.Yes)
        {
            return answer == UpdateAnswer.WhatIf ? outcome.ToResult() : null;
        }

        await RecordAsync(outcome, versions, () => { }, cancellationToken).ConfigureAwait(false);
        return outcome.ToResult();
    }

    private async Task ReplaceAsync(UpdateOutcome outcome, Action replace, CancellationToken cancellationToken)
    {
        outcome.AreFilesWritten = true;
        if (request is not null)
        {
            await RecordAsync(outcome, outcome.Versions, replace, cancellationToken).ConfigureAwait(false);
            return;
        }

        replace();
        if (outcome.Versions.Count > 0 || outcome.To == 3)
        {
            outcome.Findings.Add(new Finding
            {
                Id = "UpdateNotRecorded",
                Severity = FindingSeverity.Information,
                Message = "No target was given, so the records of databases on which the migrations are applied are as before.",
                Database = outcome.Database,
                RecommendedAction = $"Run Update-HasuraProject -ConfigVersion {outcome.To} again with the connection of each of them, and keep '{outcome.Backup}' until then. Without it, use Repair-HasuraMigration -AcceptChecksum{(outcome.To == 3 ? " and Import-HasuraMigrationState -From Table -To Catalog" : "")}.",
            });
        }
    }

    private async Task RecordAsync(UpdateOutcome outcome, IReadOnlyList<VersionChange> versions, Action replace, CancellationToken cancellationToken)
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
            }, options.Run, observer, cancellationToken).ConfigureAwait(false);
            outcome.Recorded = done.Recorded;
            outcome.Findings.AddRange(done.Findings);
            Warn(done.Findings);
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
            List<Finding> findings =
            [
                new()
                {
                    Id = "HistoryUnderOldName",
                    Severity = FindingSeverity.Warning,
                    Message = $"The history on {target.Description} is that of the name '{HasuraProject.DefaultDatabase}'. Migrations are taken from Hasura's record at the next run, but repeatable files, and seed files with -Once, would run again.",
                    Database = outcome.Database,
                    RecommendedAction = $"Before the next run, execute, without the tables that do not exist: {names}",
                },
            ];
            outcome.Findings.AddRange(findings);
            Warn(findings);
        }
    }

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
                outcome.Findings.AddRange(missing);
                Warn(missing);
                return;
            }

            observer.Informed("Copying the versions from the tables of Hasura's record to its catalog state.");
            var change = StateChange.Copy(record, MigrationStateStore.Table, MigrationStateStore.Catalog, "state copied from the table");
            var runner = new MigrationRunner(MigrationSource.Scan(updated, updated.Database(outcome.Database)), target);
            outcome.StateAdded = (await runner.WriteStateAsync(change, options.Run, observer, CancellationToken.None).ConfigureAwait(false)).Added.Count;
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

    private IMigrationTarget Open(HasuraProject of, string database, string name, int configVersion) =>
        MigrationTargets.Open(new ConnectionResolver(of, request!, databaseCount: 1).Resolve(of.Database(database)), name, configVersion);

    private async Task<(MetadataDocument? Document, string Description)> ReadTargetAsync(CancellationToken cancellationToken)
    {
        if (request is null)
        {
            return options.MetadataSource != ProjectMetadataSource.Target ? (null, "") : throw new HasuraMigrationException("ConnectionMissing", "-MetadataSource Target requires a database or a server, and none was given.", project.Directory);
        }

        var target = MetadataTargets.Open(new ConnectionResolver(project, request, databaseCount: 1).ResolveMetadataPlaces(), project);
        await using (target.ConfigureAwait(false))
        {
            MetadataSnapshot snapshot;
            try
            {
                snapshot = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
            }
            // Many a config.yaml names a server that is gone.
            catch (HasuraMigrationException e) when (e.ErrorId is "ServerUnreachable" or "DatabaseUnreachable")
            {
                throw new HasuraMigrationException(e.ErrorId, e.Message, e.Target, e) { RecommendedAction = "Check the connection; or add -NoRecord to change only files, and run the command again with a connection later." };
            }

            if (!snapshot.Exists && options.MetadataSource == ProjectMetadataSource.Target)
            {
                throw new HasuraMigrationException("MetadataNotFound", $"{target.Description} contains no Hasura metadata.", project.Directory);
            }

            return (snapshot.Exists ? snapshot.Document : null, target.Description);
        }
    }

    private void ChooseDatabase(MetadataDocument? target)
    {
        if (_update.ToVersion < 3 || options.IsDatabaseGiven || target is not { Version: 3 })
        {
            return;
        }

        var names = target.Sources.Select(s => s["name"]?.ToString() ?? "").ToList();
        _update = _update with
        {
            Database = names.Contains(HasuraProject.DefaultDatabase) ? HasuraProject.DefaultDatabase
                : names is [var only] ? only
                : throw new HasuraMigrationException("UpdateDatabaseInvalid", $"The metadata of the target has {(names.Count == 1 ? "1 source" : $"{names.Count} sources")}{(names.Count == 0 ? "" : $": {string.Join(", ", names.Select(n => $"'{n}'"))}")}, and none is called '{HasuraProject.DefaultDatabase}'.", project.Directory),
        };
    }

    // What is not applied there is not in the metadata either.
    private async Task RequireAppliedAsync(ConvertedMigrations migrations, CancellationToken cancellationToken)
    {
        var target = Open(project, HasuraProject.DefaultDatabase, HasuraProject.DefaultDatabase, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            var (all, _) = await new MigrationRunner(migrations.Old, target).StatusAsync(cancellationToken).ConfigureAwait(false);
            var pending = all.Where(m => !m.IsRepeatable && m.Status == MigrationState.Pending).Select(m => m.Version).ToList();
            if (pending.Count > 0)
            {
                throw new HasuraMigrationException("UpdateTargetBehind", $"{(pending.Count == 1 ? "1 migration of the project is" : $"{pending.Count} migrations of the project are")} not applied on {target.Description}, beginning with {pending[0]}, so its metadata lacks what their actions do.", pending[0]);
            }
        }
    }

    private async Task<UpdateReplay?> ReplayAsync(ConvertedMigrations? migrations, bool hasMetadata, CancellationToken cancellationToken)
    {
        if (migrations is null || !(migrations.HasActions || migrations.HasSql) || (options.SkipProof && (hasMetadata || !migrations.HasActions)))
        {
            return null;
        }

        return await new UpdateProof(options.Proof, observer.Informed).RunAsync(migrations, isCompared: !options.SkipProof, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> RecordsAsync(UpdateOutcome outcome, IReadOnlyList<VersionChange> versions, CancellationToken cancellationToken)
    {
        if (request is null)
        {
            return "";
        }

        var (name, target) = OpenRecords(outcome, versions);
        await using (target.ConfigureAwait(false))
        {
            var count = (await new RecordUpdate(name, target).PlanAsync(versions, cancellationToken).ConfigureAwait(false)).Recorded.Count;
            return $"; on {target.Description}, change {count} record{(count == 1 ? "" : "s")}{(outcome.To == 3 ? " and copy Hasura's record to the catalog state" : "")}";
        }
    }

    private void Warn(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
        {
            observer.Warned(finding);
        }
    }
}
