using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Squashing;

namespace HasuraMigrations.Abstractions;

/// <summary>Squashes migrations of one database: plans, asks, proves, replaces the files, and replaces the records.</summary>
/// <param name="project">The project.</param>
/// <param name="database">The database.</param>
/// <param name="options">What a user chose.</param>
/// <param name="observer">Is told how it goes.</param>
/// <param name="confirm">Asks the user: about what, to do what.</param>
internal sealed class MigrationMerger(HasuraProject project, ProjectDatabase database, MergeOptions options, IRunObserver observer, Func<string, string, Task<bool>> confirm)
{
    private readonly SquashFiles _files = new(project, database, observer.Informed);

    /// <summary>Squashes.</summary>
    /// <param name="scope">The database to replace records of; null for none.</param>
    /// <param name="cancellationToken">Stops it before the files are touched.</param>
    /// <returns>What was done; null where the user did not agree.</returns>
    /// <exception cref="HasuraMigrationException">What planning, proof, files and a run may raise.</exception>
    internal async Task<MigrationSquash?> RunAsync(MigrationScope? scope, CancellationToken cancellationToken)
    {
        if (!database.IsPostgres)
        {
            throw new HasuraMigrationException("SquashNotSupported", $"Database '{database.Name}' is of kind {database.Kind}, and only the SQL of PostgreSQL can be joined.", database.Name);
        }

        if (_files.FindUnfinished() is { } range)
        {
            return await CompleteAsync(scope, range, cancellationToken).ConfigureAwait(false);
        }

        var source = MigrationSource.Scan(project, database);
        return Squashed(source) is { } squashed
            ? await RecordAsync(scope, squashed.Migration, squashed.Manifest, [], areFilesWritten: false, isProven: false, cancellationToken).ConfigureAwait(false)
            : await SquashAsync(scope, source, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The migration that an earlier call made of the same range.</summary>
    private (SourceMigration Migration, SquashManifest Manifest)? Squashed(MigrationSource source)
    {
        var (from, to) = (options.Squash.From, options.Squash.To);
        if (source.Find(from) is not null)
        {
            return null;
        }

        return source.Migrations.Where(m => m.Version > from)
            .Select(m => (Migration: m, Manifest: SquashManifest.Read(m)!))
            .Where(m => m.Manifest is { } manifest && manifest.First == from && (to is null || to == manifest.Last || to == m.Migration.Version))
            .Select(m => ((SourceMigration, SquashManifest)?)m)
            .FirstOrDefault();
    }

    private async Task<MigrationSquash?> SquashAsync(MigrationScope? scope, MigrationSource source, CancellationToken cancellationToken)
    {
        var plan = new SquashPlanner(database, source, options.Squash, TimeProvider.System).Make();
        var backup = options.BackupPath ?? SquashPlaces.BackupOf(database, plan.Versions[0], plan.Versions[^1]);
        _files.Check(plan, backup);
        var isApplied = scope is not null && await scope.Runner.IsRangeAppliedAsync(plan.Versions, cancellationToken).ConfigureAwait(false);
        var what = $"Squash the {plan.Range.Count} migrations {plan.Versions[0]} to {plan.Versions[^1]} into {plan.Migration.Version}_{plan.Migration.Name}{(isApplied ? " and replace their records" : "")}";
        if (!await confirm(scope?.Subject ?? $"database '{database.Name}'", what).ConfigureAwait(false))
        {
            return null;
        }

        Warn(plan.Findings);
        var findings = plan.Findings.ToList();
        if (!options.SkipProof)
        {
            var proven = await new SquashProof(options.Proof, project.ConfigVersion, observer.Informed).ProveAsync(plan, database.Name, cancellationToken).ConfigureAwait(false);
            Warn(proven.Findings);
            findings.AddRange(proven.Findings);
            plan = plan with { Migration = proven.Migration };
        }

        MigrationSource Place()
        {
            findings.AddRange(_files.Replace(plan, backup));
            return MigrationSource.Scan(project, database);
        }

        if (isApplied)
        {
            isApplied = await scope!.Runner.SquashAsync(plan.Migration.Version, plan.Versions, Place, options.Run, observer, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            cancellationToken.ThrowIfCancellationRequested();
            Place();
        }

        return Result(plan.Migration, plan.Versions, backup, findings, areFilesWritten: true, !options.SkipProof, isApplied, scope);
    }

    private async Task<MigrationSquash?> CompleteAsync(MigrationScope? scope, (long First, long Last) range, CancellationToken cancellationToken)
    {
        if (range.First != options.Squash.From || (options.Squash.To is { } to && to != range.Last))
        {
            throw new HasuraMigrationException("SquashUnfinished", $"The squash of {range.First} to {range.Last} of database '{database.Name}' was interrupted while its files were replaced.", range.First)
            {
                RecommendedAction = $"Run Merge-HasuraMigration -From {range.First} -To {range.Last} first; it completes that squash.",
            };
        }

        if (!await confirm(scope?.Subject ?? $"database '{database.Name}'", $"Complete the squash of {range.First} to {range.Last}").ConfigureAwait(false))
        {
            return null;
        }

        var findings = _files.Complete(range);
        var source = MigrationSource.Scan(project, database);
        var (migration, manifest) = source.Migrations.Select(m => (Migration: m, Manifest: SquashManifest.Read(m))).FirstOrDefault(m => m.Manifest is { } found && found.First == range.First && found.Last == range.Last);
        if (manifest is null)
        {
            throw new HasuraMigrationException("SquashFilesChanged", $"The squashed migration of {range.First} to {range.Last} was in place, and is there no more.", range.First)
            {
                RecommendedAction = "Restore it, or restore the migrations that it replaces from the backup.",
            };
        }

        return await RecordAsync(scope, migration, manifest, findings, areFilesWritten: true, isProven: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces the records of a squash whose files are in place.</summary>
    private async Task<MigrationSquash?> RecordAsync(MigrationScope? scope, SourceMigration migration, SquashManifest manifest, IReadOnlyList<Finding> findings, bool areFilesWritten, bool isProven, CancellationToken cancellationToken)
    {
        IReadOnlyList<long> versions = [.. manifest.Versions.Select(v => v.Version)];
        var backup = SquashPlaces.BackupOf(database, manifest.First, manifest.Last);
        var areRecordsReplaced = false;
        if (scope is not null)
        {
            // The files may have been completed since the scope read them.
            var runner = new MigrationRunner(MigrationSource.Scan(project, database), scope.Target);
            var squash = await runner.FindSquashAsync(migration.Version, cancellationToken).ConfigureAwait(false);
            if (squash?.Obstacle is { } obstacle)
            {
                throw new HasuraMigrationException("SquashRangeMixed", $"The records of {scope.Subject} cannot be replaced by that of {migration.Version}_{migration.Name}: {obstacle}", migration.Version) { RecommendedAction = squash.Action };
            }

            if (squash is not null)
            {
                if (!areFilesWritten && !await confirm(scope.Subject, $"Replace the records of {string.Join(", ", squash.Replaced)} by that of {migration.Version}_{migration.Name}").ConfigureAwait(false))
                {
                    return null;
                }

                await runner.RepairAsync(MigrationRepair.AsSquashed, [migration.Version], options.Run, observer, cancellationToken).ConfigureAwait(false);
                areRecordsReplaced = true;
            }
            else
            {
                observer.Informed($"On {scope.Subject}, none of the squashed migrations is recorded, or their records were replaced before.");
            }
        }

        return Result(migration, versions, Directory.Exists(backup) ? backup : null, findings, areFilesWritten, isProven, areRecordsReplaced, scope);
    }

    private MigrationSquash Result(SourceMigration migration, IReadOnlyList<long> versions, string? backup, IReadOnlyList<Finding> findings, bool areFilesWritten, bool isProven, bool areRecordsReplaced, MigrationScope? scope)
    {
        IReadOnlyList<Finding> all = scope is not null ? findings :
        [
            .. findings,
            new Finding
            {
                Id = "SquashNotRecorded",
                Severity = FindingSeverity.Information,
                Message = "No database was given, so the records of databases on which the versions are applied are as before.",
                Database = database.Name,
                Version = migration.Version,
                RecommendedAction = "Run the same command again with the connection of each of them; it replaces the records.",
            },
        ];
        return new MigrationSquash
        {
            Database = database.Name,
            Version = migration.Version,
            Name = migration.Name,
            Replaced = versions,
            Steps = [.. migration.Steps.Select(s => s.Kind)],
            Path = migration.Path,
            BackupPath = backup,
            IsProven = isProven,
            AreFilesWritten = areFilesWritten,
            AreRecordsReplaced = areRecordsReplaced,
            Findings = all,
        };
    }

    private void Warn(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
        {
            observer.Warned(finding);
        }
    }
}

/// <summary>How migrations are squashed.</summary>
/// <param name="Squash">Which of them, and into what.</param>
/// <param name="BackupPath">Full path of the backup; null for the usual one.</param>
/// <param name="SkipProof">True to squash without a proof.</param>
/// <param name="Proof">How the proof is made.</param>
/// <param name="Run">How records are written.</param>
internal sealed record MergeOptions(SquashOptions Squash, string? BackupPath, bool SkipProof, ProofOptions Proof, RunOptions Run);
