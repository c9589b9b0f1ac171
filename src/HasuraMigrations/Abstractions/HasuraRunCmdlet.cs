using System.Collections.Concurrent;
using System.Management.Automation;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Releases;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that apply and roll back.</summary>
public abstract class HasuraRunCmdlet : HasuraPlanCmdlet
{
    private readonly PipedInput<long> _input = new();
    private readonly ConcurrentBag<RunReporter> _reporters = [];

    // What a plan decides, on any command that runs one.
    private static readonly string[] Decided =
        [nameof(Database), nameof(Shard), nameof(OutputPlan), nameof(SkipExecution), nameof(TransactionMode), "RejectOutOfOrder", "AllowChanged", "AllowEmptyDown", "FromHistory"];

    private readonly ConcurrentDictionary<string, DatabasePlan> _plans = new(StringComparer.Ordinal);

    private protected HasuraRunCmdlet()
    {
    }

    /// <summary>Changes only the records and runs nothing: the migrations are recorded as applied, or their records are removed.</summary>
    [Parameter]
    public SwitchParameter SkipExecution { get; set; }

    /// <summary>What progress calls the run.</summary>
    private protected abstract string Activity { get; }

    /// <summary>Versions bound for this input object; null where the goal is another one.</summary>
    private protected abstract string[]? BoundVersions { get; }

    private protected override void OnRecord() =>
        // Repeatable files come through the pipeline with the version 0.
        _input.Add(Database, [.. (BoundVersions ?? []).Select(v => MigrationVersions.Parse(v, MyInvocation.ExpectingInput ? 0 : 1))]);

    private protected override void OnEnd()
    {
        HasuraMigrationException? failure = null;
        try
        {
            RunAll();
        }
        catch (HasuraMigrationException e)
        {
            failure = e;
            throw;
        }
        finally
        {
            Conclude(failure);
        }
    }

    private void RunAll()
    {
        // An empty pipeline asks for nothing; without this it would mean everything.
        if (_input.IsEmpty)
        {
            WriteVerbose("No migration was piped in.");
            return;
        }

        if (Plan is not null)
        {
            RunPlan();
            return;
        }

        var share = DatabaseShare.Parse(Shard);
        var project = OpenProject();
        var versions = _input.ByDatabase(project, isAllByDefault: share is not null);
        var planOptions = PlanOptionsFor(project);
        var databases = share?.Of(versions.Keys) ?? [.. versions.Keys];
        if (databases.Count == 0)
        {
            WriteSummary($"Nothing to do: none of the {versions.Count} databases is in part {share}.");
            return;
        }

        var isWell = RunOn(project, databases, d => new RunRequest(GoalFor(versions[d]), planOptions, null));
        if (OutputPlan is not null && isWell)
        {
            WritePlan(databases);
        }
    }

    private void RunPlan()
    {
        RefuseBesidePlan(Decided);
        var plan = PlanFile.Read(ResolvePath(Plan!), MyInvocation.MyCommand.Name);
        var project = OpenProject();
        var plans = plan.Databases.ToDictionary(d => d.Database, StringComparer.Ordinal);
        RunOn(project, [.. plan.Databases.Select(d => project.Database(d.Database))], d => new RunRequest(plans[d.Name].ToGoal(), plans[d.Name].ToOptions() with { Variables = Variables }, plans[d.Name]));
    }

    private bool RunOn(HasuraProject project, IReadOnlyList<ProjectDatabase> databases, Func<ProjectDatabase, RunRequest> request)
    {
        BeginRun([.. databases.Select(d => d.Name)]);
        var isWell = false;
        RunWithVariables(databases.Count, () => isWell = ForEachDatabase(project, databases, (scope, cancellationToken) => RunAsync(scope, request(scope.Database), cancellationToken)));
        return isWell;
    }

    private void WritePlan(IReadOnlyList<ProjectDatabase> databases)
    {
        var path = ResolvePath(OutputPlan!);
        (PlanFile.Of(MyInvocation.MyCommand.Name) with { Databases = [.. databases.Select(d => _plans[d.Name])] }).Write(path);
        var count = _plans.Values.Sum(p => p.Migrations.Count);
        WriteSummary($"Wrote the plan of {count} migration{(count == 1 ? "" : "s")} to '{path}'.");
    }

    /// <summary>Where the run is to lead.</summary>
    private protected abstract MigrationGoal GoalFor(IReadOnlyList<long> versions);

    /// <summary>How plans are made.</summary>
    private protected virtual PlanOptions PlanOptionsFor(HasuraProject project) => new()
    {
        IsRecordOnly = SkipExecution,
        Variables = Variables,
        TransactionMode = TransactionModeFor(project),
    };

    /// <summary>A second question, for a plan that is more dangerous than the command's name says.</summary>
    private protected virtual bool Confirm(MigrationPlan plan, string subject) => true;

    /// <summary>Looks at a plan before the user is asked, or before it is written to a file.</summary>
    /// <returns>What the file is to say of it; null for nothing.</returns>
    private protected virtual Task<IReadOnlyList<string>?> InspectAsync(MigrationScope scope, MigrationPlan plan, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>?>(null);

    private async Task RunAsync(MigrationScope scope, RunRequest request, CancellationToken cancellationToken)
    {
        var tally = TallyOf(scope.Database);
        tally.Target = scope.Target.Description;
        var plan = await scope.Runner.PlanAsync(request.Goal, request.Options, cancellationToken).ConfigureAwait(false);
        tally.Take(plan);
        if (OutputPlan is not null)
        {
            IsWhatIf = true;
            await OutputAsync(scope, plan, request.Options, cancellationToken).ConfigureAwait(false);
            return;
        }

        async Task RequireAsync(MigrationPlan now, CancellationToken token) => request.Saved?.Require(now, await scope.Target.ReadIdentityAsync(token).ConfigureAwait(false));
        await RequireAsync(plan, cancellationToken).ConfigureAwait(false);
        _ = await InspectAsync(scope, plan, cancellationToken).ConfigureAwait(false);
        var approved = await OnPipelineAsync(() => Approve(scope, plan)).ConfigureAwait(false);
        if (approved.Count == 0 && !await OnPipelineAsync(() => MaySynchronize(scope, plan)).ConfigureAwait(false))
        {
            return;
        }

        tally.Start();
        var reporter = NewReporter($"{Activity} {scope.Subject}", approved.Count, tally);
        _reporters.Add(reporter);
        var isDone = false;
        try
        {
            // What is approved may be done by another run before this one has the lock; what was planned may not.
            var runOptions = ReadRunOptions() with { Require = request.Saved is null ? null : RequireAsync };
            await scope.Runner.RunAsync(request.Goal, request.Options, runOptions, approved, reporter, cancellationToken).ConfigureAwait(false);
            isDone = true;
        }
        finally
        {
            reporter.End(isDone);
        }
    }

    private async Task OutputAsync(MigrationScope scope, MigrationPlan plan, PlanOptions options, CancellationToken cancellationToken)
    {
        await OnPipelineAsync(() => Report(plan.Findings.Where(f => f.Severity != FindingSeverity.Error))).ConfigureAwait(false);
        plan.ThrowIfRefused();
        _plans[scope.Database.Name] = DatabasePlan.Of(plan, options, scope.Target.Description, await scope.Target.ReadIdentityAsync(cancellationToken).ConfigureAwait(false)) with
        {
            Impact = await InspectAsync(scope, plan, cancellationToken).ConfigureAwait(false),
        };
        await OnPipelineAsync(() => WriteObject(plan.All.Select(m => m.ToInfo()), enumerateCollection: true)).ConfigureAwait(false);
    }

    private protected override void OnConsumerStopped()
    {
        if (_reporters.SelectMany(r => r.Uncollected).ToList() is { Count: > 0 } unseen)
        {
            WarnStopping($"The next command in the pipeline accepted no more results, but {unseen.Count} more migration{(unseen.Count == 1 ? " was" : "s were")} committed: {string.Join(", ", unseen)}. Get-HasuraMigration shows their status; -Count limits a run.");
        }
    }

    // A run whose state could not be written, or was written over, is repaired by the next run, even if that run applies nothing.
    private bool MaySynchronize(MigrationScope scope, MigrationPlan plan) =>
        plan.All.Count == 0 && plan.NeedsSynchronization && Confirmed(scope.Subject, "Synchronize Hasura's record of migrations with the history");

    private HashSet<long> Approve(MigrationScope scope, MigrationPlan plan)
    {
        // Errors are thrown together, with all of them in one message.
        Report(plan.Findings.Where(f => f.Severity != FindingSeverity.Error));
        plan.ThrowIfRefused();
        if (plan.All.Count == 0)
        {
            var pending = plan.PendingAfter([]);
            WriteSummary($"Nothing to do for {scope.Subject}{(pending == 0 ? "" : $", {pending} pending")}.");
            return [];
        }

        var approved = new HashSet<long>();
        foreach (var migration in plan.All)
        {
            var question = $"Performing the operation \"{Describe(migration)}\" on target \"{scope.Subject}\".";
            var (isApproved, why) = ConfirmedOrWhatIf(question, IdOfRefusal(migration));
            if (isApproved)
            {
                approved.Add(migration.Version);
            }

            IsWhatIf |= why == ShouldProcessReason.WhatIf;
        }

        if (IsWhatIf)
        {
            WriteObject(plan.All.Select(m => m.ToInfo()), enumerateCollection: true);
            return [];
        }

        return approved.Count > 0 && Confirm(plan, scope.Subject) ? approved : [];
    }

    private static string IdOfRefusal(PlannedMigration migration) => migration is { Mark: null, Direction: MigrationDirection.Down } ? "RollbackNotConfirmed" : "ConfirmationNotPossible";

    private static string Describe(PlannedMigration migration)
    {
        if (migration.Mark is not null)
        {
            return (migration.Direction, migration.IsRecordOnly) switch
            {
                (MigrationDirection.Down, _) => $"Remove the record of repeatable file {migration.Name}, which no longer exists",
                (_, true) => $"Record repeatable file {migration.Name} as applied without running it",
                _ => $"Run repeatable file {migration.Name}",
            };
        }

        var name = $"{migration.Version}_{migration.Name}";
        return (migration.Direction, migration.IsRecordOnly) switch
        {
            (MigrationDirection.Up, true) => $"Record migration {name} as applied without running it",
            (MigrationDirection.Down, true) => $"Remove the record of migration {name} without rolling it back",
            (MigrationDirection.Up, _) when migration.ResumeAfter > 0 => $"Resume migration {name} after statement {migration.ResumeAfter}",
            (MigrationDirection.Down, _) when migration.ResumeAfter > 0 => $"Resume rolling back migration {name} after statement {migration.ResumeAfter}",
            (MigrationDirection.Up, _) => $"Apply migration {name}",
            _ => $"Roll back migration {name}",
        };
    }

    /// <summary>What is to run on a database.</summary>
    /// <param name="Goal">Where to.</param>
    /// <param name="Options">How the plan is made.</param>
    /// <param name="Saved">The plan that was given; null where it is made now.</param>
    private sealed record RunRequest(MigrationGoal Goal, PlanOptions Options, DatabasePlan? Saved);
}
