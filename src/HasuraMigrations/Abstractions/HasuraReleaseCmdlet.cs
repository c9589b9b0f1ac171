using System.Management.Automation;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Releases;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that make a release: shows its plan, asks, and says what became of it.</summary>
public abstract class HasuraReleaseCmdlet : HasuraPlanCmdlet
{
    private ReleaseReporter? _reporter;

    private protected HasuraReleaseCmdlet()
    {
    }

    /// <summary>True where the plan is made under the lock of releases, and nobody is asked.</summary>
    private protected abstract bool PlansUnderLock { get; }

    private protected override void OnStopped()
    {
        foreach (var sentence in _reporter?.Remains ?? [])
        {
            WarnStopping($"Not undone: {sentence}");
        }
    }

    // Results are part of the one object at the end.
    private protected override void WriteResult(object result) => WriteVerbose($"{result}.");

    /// <summary>Plans a release, asks, carries it out, and writes the result.</summary>
    /// <param name="parts">What is released.</param>
    /// <param name="options">How.</param>
    /// <param name="inspect">Looks at the plan before anybody is asked, and may refuse it; tells what it does to the API, null where that is not known.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">What refused it or stopped it; the result is written before.</exception>
    private protected async Task ReleaseAsync(ReleaseParts parts, ReleaseOptions options, Func<ReleasePlan, Task<IReadOnlyList<string>?>> inspect, CancellationToken cancellationToken)
    {
        var runner = new ReleaseRunner(parts, options);
        ReleasePlan? plan = null;
        IReadOnlyList<string>? impact = null;
        // A replica plans under the lock, when the one before it is done.
        if (!PlansUnderLock || OutputPlan is not null || IsGiven("WhatIf") || IsGiven("Confirm"))
        {
            try
            {
                plan = await runner.PlanAsync(cancellationToken).ConfigureAwait(false);
                impact = await inspect(plan).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e)
            {
                await OnPipelineAsync(() => Conclude(Refused(parts, e), null)).ConfigureAwait(false);
                throw;
            }

            if (OutputPlan is not null)
            {
                await OutputAsync(parts, plan, impact, options, cancellationToken).ConfigureAwait(false);
                return;
            }

            if (!await OnPipelineAsync(() => Approve(parts, plan)).ConfigureAwait(false))
            {
                return;
            }
        }

        _reporter = new ReleaseReporter(NewWriter(), ThrottleLimit > 1 && parts.Databases.Count > 1);
        var outcome = await runner.RunAsync(plan, _reporter, cancellationToken).ConfigureAwait(false);
        await OnPipelineAsync(() => Conclude(outcome.Result, outcome.Previous)).ConfigureAwait(false);
        if (outcome.Result.Failure is { } failure)
        {
            throw failure;
        }
    }

    private static ReleaseResult Refused(ReleaseParts parts, HasuraMigrationException failure) => new()
    {
        Project = parts.Project.Directory,
        Target = parts.Metadata?.Description,
        Databases = [],
        NotStarted = [.. parts.Databases.Select(d => d.Database.Name)],
        Failure = failure,
        FailedStep = ReleaseStep.Planning,
        Duration = TimeSpan.Zero,
    };

    private bool Approve(ReleaseParts parts, ReleasePlan plan)
    {
        Report(plan.Findings.Where(f => f.Severity != FindingSeverity.Error));
        if (plan.IsNothing)
        {
            return !IsGiven("WhatIf") || NothingToDo();
        }

        foreach (var change in plan.Metadata?.Changes ?? [])
        {
            WriteVerbose(change.Description);
        }

        foreach (var sentence in plan.Order.Before)
        {
            WriteVerbose($"Before the migrations: {sentence}");
        }

        WriteSummary("Order of the release:");
        foreach (var step in plan.Steps)
        {
            WriteSummary($"  {step}");
        }

        var question = $"Performing the operation \"{Describe(plan)}\" on target \"{SubjectOf(parts)}\".";
        var (isApproved, reason) = ConfirmedOrWhatIf(question);
        if (reason == ShouldProcessReason.WhatIf)
        {
            WritePlan(plan);
        }

        return isApproved;
    }

    private bool NothingToDo()
    {
        WriteSummary("Nothing left to publish.");
        return false;
    }

    private static string Describe(ReleasePlan plan)
    {
        var databases = plan.Databases.Count(d => d.Plan is { All.Count: > 0 });
        var parts = new[]
        {
            plan.Migrations > 0 ? $"apply {Count(plan.Migrations, "migration")}{(plan.Databases.Count > 1 ? $" on {Count(databases, "database")}" : "")}" : null,
            plan.Metadata is { IsNothing: false } metadata ? $"write {Count(metadata.Changes.Count, "change")} to the metadata" : null,
            plan.Seeds > 0 ? $"run {Count(plan.Seeds, "seed file")}" : null,
        }.OfType<string>().ToList();
        return parts.Count == 0 ? "Publish: synchronize Hasura's record of migrations with the history" : $"Publish: {string.Join(", ", parts)}";
    }

    private static string SubjectOf(ReleaseParts parts) =>
        parts.Databases is [var only] ? $"database '{only.Database.Name}' on {only.Target.Description}"
        : parts.Metadata is { } metadata ? $"{Count(parts.Databases.Count, "database")}, metadata on {metadata.Description}"
        : Count(parts.Databases.Count, "database");

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private void WritePlan(ReleasePlan plan)
    {
        WriteObject(plan.Databases.SelectMany(d => d.Plan?.All ?? []).Select(m => m.ToInfo()), enumerateCollection: true);
        WriteObject(plan.Metadata?.Changes ?? [], enumerateCollection: true);
        WriteObject(plan.Databases.SelectMany(d => d.Seeds?.Seeds ?? []), enumerateCollection: true);
    }

    private async Task OutputAsync(ReleaseParts parts, ReleasePlan plan, IReadOnlyList<string>? impact, ReleaseOptions options, CancellationToken cancellationToken)
    {
        await OnPipelineAsync(() => Report(plan.Findings.Where(f => f.Severity != FindingSeverity.Error))).ConfigureAwait(false);
        var databases = new List<DatabasePlan>();
        foreach (var database in plan.Databases)
        {
            if (database.Failure is { } failure)
            {
                throw failure;
            }

            if (database.IsNewSource)
            {
                throw new HasuraMigrationException("PlanNotPossible", $"The source '{database.Database.Database.Name}' is not on the server, or has another connection there, so that it is not known which database its migrations will run on.", database.Database.Database.Name);
            }

            var target = database.Database.Target;
            var part = DatabasePlan.Of(database.Plan!, options.Plan, target.Description, await target.ReadIdentityAsync(cancellationToken).ConfigureAwait(false));
            databases.Add(part with { Seeds = database.Seeds is null ? null : DatabasePlan.EntriesOf(database.Seeds) });
        }

        var metadata = plan.Metadata is null ? null : MetadataPlan.Of(plan.Metadata, parts.Metadata!.Description, await parts.Metadata.ReadIdentityAsync(cancellationToken).ConfigureAwait(false)) with { Order = plan.Steps, Impact = impact };
        var path = ResolvePath(OutputPlan!);
        (PlanFile.Of(MyInvocation.MyCommand.Name) with { Databases = databases, Metadata = metadata, SeedsOnce = options.Seeds.IsOnce }).Write(path);
        await OnPipelineAsync(() =>
        {
            WritePlan(plan);
            WriteSummary($"Wrote the plan to '{path}': {(plan.IsNothing ? "nothing to do" : Describe(plan)[9..])}.");
        }).ConfigureAwait(false);
    }

    private void Conclude(ReleaseResult result, MetadataDocument? previous)
    {
        if (previous is not null)
        {
            result = result with { PreviousMetadata = MetadataObjects.FromDocument(previous, result.Target, resourceVersion: null, token: null) };
        }

        // Those of the plan were told before the user was asked. The places of those that were found again when the metadata was written are let go.
        Report((result.Metadata?.Findings ?? []).ExceptBy(result.Findings.Select(f => (f.Id, f.Message)), f => (f.Id, f.Message)));
        foreach (var effect in result.Metadata?.EffectsNotDone ?? [])
        {
            WriteWarning($"Not done: {effect}");
        }

        foreach (var inconsistency in result.Failure is null ? result.Metadata?.Inconsistencies ?? [] : [])
        {
            WriteWarning($"Inconsistent: {inconsistency.Name ?? inconsistency.Type ?? inconsistency.Definition}: {inconsistency.Reason}");
        }

        foreach (var sentence in result.NotUndone)
        {
            WriteWarning($"Not undone: {sentence}");
        }

        if (SummaryVariable is not null)
        {
            SessionState.PSVariable.Set(SummaryVariable, result);
        }

        WriteObject(result);
        WriteSummary(result.ToString());
    }
}
