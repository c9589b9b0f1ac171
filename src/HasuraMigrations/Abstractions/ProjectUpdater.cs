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
    private readonly UpdateRecords? _records = request is null ? null : new UpdateRecords(project, request, options.Run, reopen, observer);
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
            await RequireAppliedAsync(_records!, migrations, cancellationToken).ConfigureAwait(false);
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
        foreach (var finding in outcome.Findings)
        {
            observer.Warned(finding);
        }

        foreach (var line in plan.Lines)
        {
            observer.Informed(line);
        }

        var answer = await confirm(project.Directory, $"{plan}{await DescribeRecordsAsync(outcome, plan.Versions, cancellationToken).ConfigureAwait(false)}").ConfigureAwait(false);
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
        if (_records is null || manifests.Count == 0)
        {
            await tell(_records is null
                ? $"The project has config version {project.ConfigVersion} already, and no target was given."
                : $"The project has config version {project.ConfigVersion} already, and there is no backup with {UpdatePlaces.ManifestFile} that shows which records belong to its files.").ConfigureAwait(false);
            return null;
        }

        var outcome = new UpdateOutcome(project.Directory, manifests[^1]) { Written = [], Moved = [], Removed = [] };
        var versions = manifests.SelectMany(m => m.Versions).ToList();
        var answer = await confirm(project.Directory, $"Bring the records in line with config version {project.ConfigVersion}{await _records.DescribeAsync(outcome, versions, cancellationToken).ConfigureAwait(false)}").ConfigureAwait(false);
        if (answer != UpdateAnswer.Yes)
        {
            return answer == UpdateAnswer.WhatIf ? outcome.ToResult() : null;
        }

        await _records.WriteAsync(outcome, versions, () => { }, cancellationToken).ConfigureAwait(false);
        return outcome.ToResult();
    }

    private async Task ReplaceAsync(UpdateOutcome outcome, Action replace, CancellationToken cancellationToken)
    {
        outcome.AreFilesWritten = true;
        if (_records is not null)
        {
            await _records.WriteAsync(outcome, outcome.Versions, replace, cancellationToken).ConfigureAwait(false);
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
    private async Task RequireAppliedAsync(UpdateRecords records, ConvertedMigrations migrations, CancellationToken cancellationToken)
    {
        var target = records.Open(project, HasuraProject.DefaultDatabase, HasuraProject.DefaultDatabase, project.ConfigVersion);
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

    private Task<string> DescribeRecordsAsync(UpdateOutcome outcome, IReadOnlyList<VersionChange> versions, CancellationToken cancellationToken) =>
        _records?.DescribeAsync(outcome, versions, cancellationToken) ?? Task.FromResult("");
}
