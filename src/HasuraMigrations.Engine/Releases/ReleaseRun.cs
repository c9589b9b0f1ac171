using System.Collections.Concurrent;
using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Releases;

/// <summary>One release that is being made.</summary>
internal sealed class ReleaseRun(ReleaseRunner runner, ReleaseParts parts, ReleaseOptions options, ReleasePlan? approved, IReleaseObserver observer)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ConcurrentQueue<SeedResult> _seeds = new();
    private readonly ConcurrentQueue<string> _unseenSeeds = new();
    private readonly ConcurrentDictionary<string, DatabaseRunSummary> _summaries = new(StringComparer.Ordinal);
    private readonly ReleaseMetadata? _metadata = parts is { Metadata: { } target, Document: { } document } ? new(target, document, options.Metadata) : null;
    private ReleasePlan? _plan;
    private bool _isMetadataDone;
    private MetadataImportResult? _imported;
    private HasuraMigrationException? _failure;
    private ReleaseStep? _failedStep;
    private bool? _isRestored;
    private readonly List<string> _notUndone = [];

    internal async Task<ReleaseOutcome> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Who only looks disturbs nobody.
            var held = approved is { IsNothing: true } || parts.Metadata is not { } metadata ? null : await metadata.LockReleaseAsync(options.Run.LockTimeout, observer.Warned, cancellationToken).ConfigureAwait(false);
            await using (held)
            {
                FaultPoints.Reach("release-locked");
                await RunStepsAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (HasuraMigrationException e)
        {
            Fail(ReleaseStep.Planning, e);
        }
        catch (OperationCanceledException)
        {
            await UndoAsync().ConfigureAwait(false);
            observer.Stopped(_notUndone);
            throw;
        }

        return new ReleaseOutcome(Result(), _isRestored == false ? _metadata!.Previous.Document : null);
    }

    private async Task RunStepsAsync(CancellationToken cancellationToken)
    {
        var steps = new (ReleaseStep Step, Func<CancellationToken, Task> Work)[]
        {
            (ReleaseStep.Planning, PlanAsync),
            (ReleaseStep.Sources, PrepareSourcesAsync),
            (ReleaseStep.References, EndReferencesAsync),
            (ReleaseStep.Migrations, RunMigrationsAsync),
            (ReleaseStep.Metadata, WriteMetadataAsync),
            (ReleaseStep.Seeds, RunSeedsAsync),
        };
        foreach (var (step, work) in steps)
        {
            observer.Entered(step);
            try
            {
                await work(cancellationToken).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e)
            {
                Fail(step, e);
                await UndoAsync().ConfigureAwait(false);
                return;
            }

            FaultPoints.Reach($"release-after-{step.ToString().ToLowerInvariant()}");
        }
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        _plan = approved;
        if (_plan is null)
        {
            _plan = await runner.PlanAsync(cancellationToken).ConfigureAwait(false);
            foreach (var finding in _plan.Findings.Where(f => f.Severity != FindingSeverity.Error))
            {
                observer.Warned(finding);
            }
        }

        if (_metadata is not null && _plan.Metadata is { } planned)
        {
            var present = approved is { IsNothing: false } ? (await runner.PlanMetadataAsync(cancellationToken).ConfigureAwait(false))! : planned;
            _metadata.Begin(present, approved?.Metadata);
            _isMetadataDone = present.IsNothing;
        }
    }

    private Task PrepareSourcesAsync(CancellationToken cancellationToken) =>
        _plan!.Sources.Count == 0 ? Task.CompletedTask : _metadata!.PrepareAsync(_metadata.Previous.Document, _plan.Sources, cancellationToken);

    // Another release may have written the metadata since the plan was made.
    private Task EndReferencesAsync(CancellationToken cancellationToken) =>
        _plan!.Order.First is not { } first || _isMetadataDone ? Task.CompletedTask : _metadata!.PrepareAsync(first, _plan.Sources, cancellationToken);

    private async Task RunMigrationsAsync(CancellationToken cancellationToken)
    {
        await runner.ForEachAsync(_plan!.Databases, (database, _, token) => RunMigrationsAsync(database, token), cancellationToken).ConfigureAwait(false);
        ThrowJoined(_summaries.Where(s => s.Value.Failure is not null).Select(s => (s.Key, s.Value.Failure!)));
    }

    private async Task RunMigrationsAsync(ReleaseDatabasePlan database, CancellationToken cancellationToken)
    {
        var (name, target, plan) = (database.Database.Name, database.Database.Target, database.Plan);
        var tally = new RunTally(name) { Target = database.Failure is null ? target.Description : null };
        var failure = database.Failure;
        try
        {
            if (plan is not null)
            {
                tally.Take(plan);
            }

            if (plan is not null && database.HasMigrations)
            {
                tally.Start();
                await RunMigrationsAsync(database, plan, tally, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (HasuraMigrationException e)
        {
            failure = e;
        }
        finally
        {
            var summary = tally.Sum(failure);
            _summaries[name] = summary;
            observer.EndMigrations(summary);
        }
    }

    private async Task RunMigrationsAsync(ReleaseDatabasePlan database, MigrationPlan plan, RunTally tally, CancellationToken cancellationToken)
    {
        var (name, target) = (database.Database.Name, database.Database.Target);
        var saved = database.Database.Saved;
        var run = options.Run with
        {
            Require = saved is null ? null : async (now, token) => saved.Require(now, await target.ReadIdentityAsync(token).ConfigureAwait(false)),
        };
        // Nobody could be shown what is pending on a database that the server did not know.
        var versions = approved is null || database.IsNewSource ? null : plan.All.Select(m => m.Version).ToHashSet();
        await new MigrationRunner(database.Database.Source, target)
            .RunAsync(ReleaseRunner.GoalOf(database.Database), runner.OptionsOf(database.Database), run, versions, new TalliedObserver(observer.BeginMigrations(name, plan.All.Count), tally), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task WriteMetadataAsync(CancellationToken cancellationToken)
    {
        if (_metadata is null)
        {
            return;
        }

        // In config version 1, migrations have actions that change metadata, and a server follows their SQL.
        var imported = await _metadata.WriteAsync(mayHaveChanged: parts.Project.ConfigVersion == 1, cancellationToken).ConfigureAwait(false);
        if (!imported.Changed)
        {
            var found = await parts.Metadata!.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false);
            imported = imported with { IsConsistent = found.IsConsistent, Inconsistencies = found.Inconsistencies };
        }

        _imported = imported;
        if (imported.IsConsistent == false && !options.Metadata.AllowInconsistent)
        {
            throw new HasuraServerException("MetadataInconsistent", $"The metadata on {parts.Metadata!.Description} is inconsistent with the databases in {imported.Inconsistencies.Count} object{(imported.Inconsistencies.Count == 1 ? "" : "s")}. It was not changed by this release.", parts.Metadata.Description) { Inconsistencies = imported.Inconsistencies };
        }
    }

    private async Task RunSeedsAsync(CancellationToken cancellationToken)
    {
        var failures = new ConcurrentDictionary<string, HasuraMigrationException>(StringComparer.Ordinal);
        await runner.ForEachAsync([.. parts.Databases.Where(d => d.Seeds is { Entries.Count: > 0 })], async (database, _, token) =>
        {
            try
            {
                await RunSeedsAsync(database, token).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e)
            {
                failures[database.Name] = e;
            }
        }, cancellationToken).ConfigureAwait(false);
        ThrowJoined(failures.Select(f => (f.Key, f.Value)));
    }

    private async Task RunSeedsAsync(ReleaseDatabase database, CancellationToken cancellationToken)
    {
        var plan = (await runner.PlanSeedsAsync(database, cancellationToken).ConfigureAwait(false))!;
        plan.Run.ThrowIfRefused();
        var paths = plan.Run.Migrations.Select(m => m.Mark!.Path).ToHashSet();
        try
        {
            await new SeedRunner(database.Seeds!, database.SeedTarget!)
                .RunAsync(plan, options.Seeds, options.Run, paths, new SeedTally(observer.BeginSeeds(database.Name, paths.Count), _seeds, _unseenSeeds), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            observer.EndSeeds(database.Name);
        }
    }

    private void ThrowJoined(IEnumerable<(string Database, HasuraMigrationException Failure)> failures)
    {
        var failed = failures.OrderBy(f => parts.Databases.TakeWhile(d => d.Name != f.Database).Count()).ToList();
        switch (failed)
        {
            case []:
                return;
            case [var only]:
                throw only.Failure;
            default:
                throw DatabaseFailures.Join(failed, parts.Databases.Count);
        }
    }

    private void Fail(ReleaseStep step, HasuraMigrationException failure) => (_failedStep, _failure) = (step, failure);

    private async Task UndoAsync()
    {
        _notUndone.AddRange(parts.Databases.Select(d => _summaries.GetValueOrDefault(d.Name)).OfType<DatabaseRunSummary>().SelectMany(ReleaseLeftovers.Of));
        _notUndone.AddRange(ReleaseLeftovers.Of(_seeds));
        if (!_unseenSeeds.IsEmpty)
        {
            _notUndone.Add($"The rows of these seed files remain: {string.Join(", ", _unseenSeeds)}.");
        }

        if (_metadata is not { HasWritten: true })
        {
            return;
        }

        var (isRestored, note) = await _metadata.PutBackAsync().ConfigureAwait(false);
        _isRestored = isRestored;
        _notUndone.AddRange(isRestored ? ReleaseLeftovers.Of(_metadata.Changes) : []);
        if (note is not null)
        {
            _notUndone.Add(note);
        }
    }

    private ReleaseResult Result() => new()
    {
        Project = parts.Project.Directory,
        Target = parts.Metadata?.Description,
        Order = _plan?.Steps ?? [],
        Databases = [.. parts.Databases.Select(d => _summaries.GetValueOrDefault(d.Name)).OfType<DatabaseRunSummary>()],
        NotStarted = [.. parts.Databases.Select(d => d.Name).Where(n => !_summaries.ContainsKey(n))],
        Metadata = _imported,
        Seeds = [.. _seeds],
        Failure = _failure,
        FailedStep = _failedStep,
        MetadataRestored = _isRestored,
        NotUndone = _notUndone,
        Findings = _plan?.Findings.Where(f => f.Database is null).ToList() ?? [],
        Duration = _clock.Elapsed,
    };
}
