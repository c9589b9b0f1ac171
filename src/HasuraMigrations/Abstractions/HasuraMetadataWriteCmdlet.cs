using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that write metadata into a target.</summary>
public abstract class HasuraMetadataWriteCmdlet : HasuraMetadataCmdlet
{
    private protected HasuraMetadataWriteCmdlet()
    {
    }

    /// <summary>
    /// Only changes the stored metadata: SQL triggers of event triggers and event logs are not created, changed or dropped. Each
    /// omitted effect causes a warning and is listed in the result. Afterwards, let a server reload its metadata with
    /// Update-HasuraMetadata -RecreateEventTriggers. Refused through a server, which does this work itself.
    /// </summary>
    [Parameter]
    public SwitchParameter SkipSideEffects { get; set; }

    /// <summary>Does not notify running Hasura servers. They keep their current metadata until they reload it. Without effect through a server.</summary>
    [Parameter]
    public SwitchParameter NoReload { get; set; }

    /// <summary>Plans an import, asks, and carries it out.</summary>
    /// <param name="project">The project, or none.</param>
    /// <param name="document">The document; null to remove everything.</param>
    /// <param name="options">How it is imported.</param>
    /// <param name="action">Words for the question.</param>
    private protected void Import(HasuraProject project, MetadataDocument? document, MetadataImportOptions options, string action)
    {
        try
        {
            WithTarget(project, (target, cancellationToken) => ImportAsync(target, document, options, action, cancellationToken));
        }
        finally
        {
            Agent.EndGroup();
        }
    }

    /// <summary>What has to be done with an import before the user is asked.</summary>
    /// <returns>False where it ends with that.</returns>
    private protected virtual Task<bool> PassesAsync(IMetadataTarget target, MetadataImportPlan plan, CancellationToken cancellationToken) => Task.FromResult(true);

    private async Task ImportAsync(IMetadataTarget target, MetadataDocument? document, MetadataImportOptions options, string action, CancellationToken cancellationToken)
    {
        RefuseSkippedEffects(target, SkipSideEffects);
        await OnPipelineAsync(() => Agent.BeginGroup($"Metadata on {target.Description}")).ConfigureAwait(false);
        var importer = new MetadataImporter(target);
        var plan = document is null
            ? await importer.PlanClearAsync(cancellationToken).ConfigureAwait(false)
            : await importer.PlanAsync(document, options, cancellationToken).ConfigureAwait(false);
        if (!await PassesAsync(target, plan, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var isApproved = await OnPipelineAsync(() => Approve(plan, target.Description, action)).ConfigureAwait(false);
        if (!isApproved)
        {
            return;
        }

        var clock = Stopwatch.StartNew();
        var result = await importer.ExecuteAsync(plan, options, cancellationToken).ConfigureAwait(false);
        await OnPipelineAsync(() => Write(plan, result, clock.Elapsed)).ConfigureAwait(false);
    }

    private void Write(MetadataImportPlan plan, MetadataImportResult result, TimeSpan duration)
    {
        // Those of the plan were told before the user was asked.
        Report(result.Findings.Except(plan.Findings));
        foreach (var effect in result.EffectsNotDone)
        {
            WriteWarning($"Not done: {effect}");
        }

        foreach (var inconsistency in result.Inconsistencies)
        {
            WriteWarning($"Inconsistent: {inconsistency.Name ?? inconsistency.Type ?? inconsistency.Definition}: {inconsistency.Reason}");
        }

        WriteObject(result);
        Agent.EndGroup();
        if (result.Changed)
        {
            var consistent = result.IsConsistent switch
            {
                true => "consistent",
                false => $"inconsistent in {result.Inconsistencies.Count} object{(result.Inconsistencies.Count == 1 ? "" : "s")}",
                null => "consistency not checked",
            };
            WriteSummary($"Wrote {result.Changes.Count} change{(result.Changes.Count == 1 ? "" : "s")} to the metadata on {result.Target}: {consistent}, {Formatting._Format.Duration(duration)}.");
        }
    }

    private bool Approve(MetadataImportPlan plan, string subject, string action)
    {
        Report(plan.Findings.Where(f => f.Severity != FindingSeverity.Error));
        if (plan.IsNothing)
        {
            WriteSummary($"The metadata on {subject} is already up to date.");
            // With -WhatIf the output is what would change, which is nothing.
            return !MyInvocation.BoundParameters.TryGetValue("WhatIf", out var isWhatIf) || isWhatIf is not SwitchParameter { IsPresent: true };
        }

        foreach (var change in plan.Changes)
        {
            WriteVerbose(change.Description);
        }

        var question = $"Performing the operation \"{action} ({plan.Changes.Count} change{(plan.Changes.Count == 1 ? "" : "s")})\" on target \"{subject}\".";
        var (isApproved, reason) = ConfirmedOrWhatIf(question);
        if (isApproved)
        {
            return true;
        }

        if (reason == ShouldProcessReason.WhatIf)
        {
            WriteObject(plan.Changes, enumerateCollection: true);
        }

        return false;
    }
}
