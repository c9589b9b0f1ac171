namespace HasuraMigrations.Engine.Migrations;

/// <summary>Status, plan and run of one database: files on one side, a target on the other.</summary>
/// <param name="source">The files.</param>
/// <param name="target">Where they are applied.</param>
public sealed class MigrationRunner(MigrationSource source, IMigrationTarget target)
{
    private static readonly Dictionary<long, SourceMigration> NoTexts = [];

    /// <summary>The plan for a goal as things stand; writes nothing.</summary>
    public async Task<MigrationPlan> PlanAsync(MigrationGoal goal, PlanOptions options, CancellationToken cancellationToken)
    {
        var ledger = await ReconcileAsync(await target.ReadAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return await PlanAsync(ledger, goal, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The plan for a goal on a database that is still to be made known to a server; nothing is read.</summary>
    /// <param name="goal">Where to.</param>
    /// <param name="options">How to plan.</param>
    /// <param name="kind">Kind of the source, as in Hasura's metadata.</param>
    public MigrationPlan PlanNew(MigrationGoal goal, PlanOptions options, string kind)
    {
        var nothing = new TargetSnapshot(HasHistory: false, [], new StateSnapshot { Kind = StateStoreKind.Catalog, Source = source.Database, IsMissing = true }) { Traits = TargetTraits.OfKind(kind) };
        return new MigrationPlanner(source, MigrationLedger.Reconcile(source.Database, nothing, []), options, null).Plan(goal);
    }

    /// <summary>
    /// Takes the locks, plans again with what is applied by then, and runs what was approved and is still to be done. A
    /// migration that another run did in the meantime is left out.
    /// </summary>
    /// <param name="goal">Where to.</param>
    /// <param name="options">How to plan.</param>
    /// <param name="runOptions">How to run.</param>
    /// <param name="approved">Versions the user agreed to; null for whatever the plan holds.</param>
    /// <param name="observer">Is told how it goes; gets the results.</param>
    /// <param name="cancellationToken">Stops the run: the current migration is rolled back and history is left true.</param>
    /// <exception cref="HasuraMigrationException">What refused or stopped the run.</exception>
    public Task RunAsync(MigrationGoal goal, PlanOptions options, RunOptions runOptions, IReadOnlySet<long>? approved, IRunObserver observer, CancellationToken cancellationToken)
    {
        var mask = options.Variables.Mask;
        return MaskedErrors.RunAsync(mask, () => RunMaskedAsync(goal, options, runOptions with { Mask = mask }, approved, new MaskedObserver(observer, mask), cancellationToken));
    }

    private async Task RunMaskedAsync(MigrationGoal goal, PlanOptions options, RunOptions runOptions, IReadOnlySet<long>? approved, IRunObserver observer, CancellationToken cancellationToken)
    {
        await using var run = await target.BeginRunAsync(runOptions, observer, cancellationToken).ConfigureAwait(false);
        var ledger = await ReconcileAsync(await run.ReadAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var plan = await PlanAsync(ledger, StillOpen(goal, ledger, approved), options, cancellationToken).ConfigureAwait(false);
        plan.ThrowIfRefused();
        if (runOptions.Require is { } require)
        {
            await require(plan, cancellationToken).ConfigureAwait(false);
        }

        if (approved is not null)
        {
            plan = plan with
            {
                Migrations = [.. plan.Migrations.Where(m => approved.Contains(m.Version))],
                Repeatables = [.. plan.Repeatables.Where(m => approved.Contains(m.Version))],
            };
        }

        observer.Planned(plan);
        await run.SynchronizeStateAsync(ledger, source, cancellationToken).ConfigureAwait(false);
        try
        {
            await run.ExecuteAsync(plan, cancellationToken).ConfigureAwait(false);
            await RunRepeatablesAsync(run, plan, observer, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await FinishFailedAsync(run, observer).ConfigureAwait(false);
            throw;
        }

        await run.FinishAsync(CancellationToken.None).ConfigureAwait(false);
    }

    // In lexical order first: that is enough where one file changed, and where names are well chosen.
    private static async Task RunRepeatablesAsync(IMigrationRun run, MigrationPlan plan, IRunObserver observer, CancellationToken cancellationToken)
    {
        if (plan.Repeatables.Count == 0)
        {
            return;
        }

        var files = plan with { Migrations = plan.Repeatables, TransactionMode = MigrationTransactionMode.All };
        try
        {
            await run.ExecuteAsync(files, cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (MigrationFailedException e) when (e is { ErrorId: "RepeatableFailed", SqlState: not null } && plan.Repeatables.Count(f => f.Steps.Count > 0) > 1)
        {
            observer.Informed($"{e.Message} Trying the files in other orders.");
        }

        var trial = run.NewTrial();
        IReadOnlyList<PlannedMigration> ordered;
        await using (trial.ConfigureAwait(false))
        {
            ordered = await RepeatableOrder.FindAsync(trial, plan.Repeatables, cancellationToken).ConfigureAwait(false);
        }

        observer.Informed($"The repeatable files work in this order: {string.Join(", ", ordered.Select(f => f.Name))}.");
        await run.ExecuteAsync(files with { Migrations = ordered }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Every migration on disk or recorded, ascending, with where it stands; writes nothing.</summary>
    public async Task<(IReadOnlyList<HasuraMigration> Migrations, IReadOnlyList<Finding> Findings)> StatusAsync(CancellationToken cancellationToken) =>
        MigrationStatusReader.Read(source, await ReconcileAsync(await target.ReadAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));

    /// <summary>Sets the record of versions without running anything.</summary>
    /// <param name="repair">What to do.</param>
    /// <param name="versions">Which versions; empty for <see cref="MigrationRepair.RewriteState"/>.</param>
    /// <param name="runOptions">How to run.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">RepairNotPossible, MigrationNotFound, and what a run may raise.</exception>
    public async Task RepairAsync(MigrationRepair repair, IReadOnlyList<long> versions, RunOptions runOptions, IRunObserver observer, CancellationToken cancellationToken)
    {
        await using var run = await target.BeginRunAsync(runOptions, observer, cancellationToken).ConfigureAwait(false);
        var ledger = await ReconcileAsync(await run.ReadAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var repairs = versions.Select(v => RepairPlanner.Requests(repair, v, source, ledger).ToList()).ToList();
        await CopyTableAsync(run, ledger.Snapshot, cancellationToken).ConfigureAwait(false);
        foreach (var requests in repairs)
        {
            await run.RepairAsync(requests, cancellationToken).ConfigureAwait(false);
        }

        if (repair == MigrationRepair.RewriteState)
        {
            await run.SynchronizeStateAsync(ledger, source, cancellationToken).ConfigureAwait(false);
        }

        await run.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes into Hasura's record what it lacks, under the lock, without running anything.</summary>
    /// <param name="change">What to write.</param>
    /// <param name="runOptions">How to run.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellationToken">Stops it before anything is written.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="HasuraMigrationException">StateNotFound, StateNotKept, and what a run may raise.</exception>
    public async Task<StateDifference> WriteStateAsync(StateChange change, RunOptions runOptions, IRunObserver observer, CancellationToken cancellationToken)
    {
        await using var run = await target.BeginRunAsync(runOptions, observer, cancellationToken).ConfigureAwait(false);
        return await run.WriteStateAsync(change, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Every version whose record can be removed, in the history or in Hasura's record, with the name that is recorded; writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">MigrationModeOff, and what reading may raise.</exception>
    public async Task<IReadOnlyDictionary<long, string?>> RecordedAsync(CancellationToken cancellationToken) =>
        Recorded(await target.ReadAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Removes versions without running anything, under the lock: for each the files, then the record. In this order, no version is ever
    /// pending that was applied, whenever the work stops, and doing it again completes it.
    /// </summary>
    /// <param name="versions">The versions.</param>
    /// <param name="removeFiles">Removes the files of a version.</param>
    /// <param name="removed">Is told of each version that is removed, and whether it was recorded.</param>
    /// <param name="runOptions">How to run.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellationToken">Stops it behind the current version.</param>
    /// <exception cref="HasuraMigrationException">MigrationModeOff, and what a run may raise.</exception>
    public async Task RemoveAsync(IReadOnlyCollection<long> versions, Func<long, Task> removeFiles, Func<long, bool, Task> removed, RunOptions runOptions, IRunObserver observer, CancellationToken cancellationToken)
    {
        await using var run = await target.BeginRunAsync(runOptions, observer, cancellationToken).ConfigureAwait(false);
        var snapshot = await run.ReadAsync(cancellationToken).ConfigureAwait(false);
        var recorded = Recorded(snapshot);
        await CopyTableAsync(run, snapshot, cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var version in versions)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await removeFiles(version).ConfigureAwait(false);
                if (recorded.TryGetValue(version, out var name))
                {
                    await run.RepairAsync([new RepairRequest(version, name ?? "", false, null, "removed")], CancellationToken.None).ConfigureAwait(false);
                }

                await removed(version, recorded.ContainsKey(version)).ConfigureAwait(false);
            }
        }
        catch
        {
            await FinishFailedAsync(run, observer).ConfigureAwait(false);
            throw;
        }

        await run.FinishAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>What the file of a version replaces here; null where it replaces nothing that is recorded. Writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">MigrationModeOff, and what reading may raise.</exception>
    public async Task<Squash?> FindSquashAsync(long version, CancellationToken cancellationToken)
    {
        var snapshot = await target.ReadAsync(cancellationToken).ConfigureAwait(false);
        snapshot.State.RequireMigrationMode(source.Database);
        return (await ReconcileAsync(snapshot, cancellationToken).ConfigureAwait(false)).Squashes.FirstOrDefault(s => s.Version == version);
    }

    /// <summary>Whether the versions of a squash are applied; writes nothing.</summary>
    /// <param name="versions">The versions, ascending.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>True where all are applied, false where none is.</returns>
    /// <exception cref="HasuraMigrationException">SquashRangeMixed, MigrationChanged, MigrationModeOff.</exception>
    public async Task<bool> IsRangeAppliedAsync(IReadOnlyList<long> versions, CancellationToken cancellationToken) =>
        SquashRange.IsApplied(source, await ReconcileAsync(await target.ReadAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false), versions, target.Description);

    /// <summary>
    /// Squashes applied versions under the lock: first the files, then, in one transaction, the records. In this order, no step that
    /// was applied is ever pending, whenever the work stops, and doing it again completes it.
    /// </summary>
    /// <param name="version">The version of the squashed migration.</param>
    /// <param name="versions">The versions of the range, ascending.</param>
    /// <param name="place">Puts the files in place, and reads them again.</param>
    /// <param name="runOptions">How to run.</param>
    /// <param name="observer">Is told how it goes; gets a result for each record.</param>
    /// <param name="cancellationToken">Stops it before the files are touched.</param>
    /// <returns>Whether records were replaced: false where the versions are not applied any more.</returns>
    /// <exception cref="HasuraMigrationException">SquashRangeMixed, MigrationChanged, MigrationModeOff, and what a run may raise.</exception>
    public async Task<bool> SquashAsync(long version, IReadOnlyList<long> versions, Func<MigrationSource> place, RunOptions runOptions, IRunObserver observer, CancellationToken cancellationToken)
    {
        await using var run = await target.BeginRunAsync(runOptions, observer, cancellationToken).ConfigureAwait(false);
        var ledger = await ReconcileAsync(await run.ReadAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var isApplied = SquashRange.IsApplied(source, ledger, versions, target.Description);
        cancellationToken.ThrowIfCancellationRequested();
        var squashed = place();
        try
        {
            if (isApplied)
            {
                await CopyTableAsync(run, ledger.Snapshot, CancellationToken.None).ConfigureAwait(false);
                var after = MigrationLedger.Reconcile(squashed.Database, ledger.Snapshot, Squash.Find(squashed, ledger.Snapshot, NoTexts));
                await run.RepairAsync([.. RepairPlanner.Requests(MigrationRepair.AsSquashed, version, squashed, after)], CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch
        {
            await FinishFailedAsync(run, observer).ConfigureAwait(false);
            throw;
        }

        await run.FinishAsync(CancellationToken.None).ConfigureAwait(false);
        return isApplied;
    }

    // What is written gives the database an entry in the catalog state, and then the versions of its old table count no more.
    private static Task CopyTableAsync(IMigrationRun run, TargetSnapshot snapshot, CancellationToken cancellationToken) =>
        snapshot.State.IsCopyPending ? run.WriteStateAsync(StateChange.OfTable(snapshot.State), cancellationToken) : Task.CompletedTask;

    private Dictionary<long, string?> Recorded(TargetSnapshot snapshot)
    {
        snapshot.State.RequireMigrationMode(source.Database);
        var recorded = snapshot.State.Versions.Keys.ToDictionary(v => v, _ => (string?)null);
        foreach (var row in snapshot.History)
        {
            recorded[row.Version] = row.Name;
        }

        return recorded;
    }

    // What stopped the run is what has to be told; what then goes wrong at its end is told beside it.
    private async Task FinishFailedAsync(IMigrationRun run, IRunObserver observer)
    {
        try
        {
            await run.FinishAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (HasuraMigrationException e)
        {
            observer.Warned(new Finding { Id = e.ErrorId, Severity = FindingSeverity.Warning, Message = e.Message, Database = source.Database });
        }
    }

    // A version that was named and approved may have been run by another process while this one waited for the lock.
    private MigrationGoal StillOpen(MigrationGoal goal, MigrationLedger ledger, IReadOnlySet<long>? approved)
    {
        if (approved is null || goal is not MigrationGoal.Exactly exactly)
        {
            return goal;
        }

        var applied = ledger.Applied.ToHashSet();
        var wanted = exactly.Direction == MigrationDirection.Down;
        return exactly with { Versions = [.. exactly.Versions.Where(v => applied.Contains(v) == wanted)] };
    }

    /// <summary>What is applied; where files of applied versions are gone, it is looked up whether a squash replaced them.</summary>
    private async Task<MigrationLedger> ReconcileAsync(TargetSnapshot snapshot, CancellationToken cancellationToken)
    {
        var isPossible = Squash.IsPossible(source, snapshot.History);
        if (!isPossible && !Squash.IsPossible(source, snapshot.State))
        {
            return MigrationLedger.Reconcile(source.Database, snapshot, []);
        }

        var stored = isPossible ? await target.ReadStoredAsync(cancellationToken).ConfigureAwait(false) : NoTexts;
        return MigrationLedger.Reconcile(source.Database, snapshot, Squash.Find(source, snapshot, stored));
    }

    private async Task<MigrationPlan> PlanAsync(MigrationLedger ledger, MigrationGoal goal, PlanOptions options, CancellationToken cancellationToken)
    {
        var stored = options.FromHistory && ledger.Snapshot.HasHistory
            ? await target.ReadStoredAsync(cancellationToken).ConfigureAwait(false)
            : null;
        return new MigrationPlanner(source, ledger, options, stored).Plan(goal);
    }
}
