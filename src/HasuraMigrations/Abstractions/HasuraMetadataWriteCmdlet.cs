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
    private protected void Import(HasuraProject project, MetadataDocument? document, MetadataImportOptions options, string action) =>
        WithTarget(project, async (target, cancellationToken) =>
        {
            if (SkipSideEffects && target is IMetadataServer)
            {
                throw new HasuraMigrationException("TargetNotSupported", $"{target.Description} is a Hasura server, which creates and drops SQL triggers itself: -SkipSideEffects has no effect there.")
                {
                    RecommendedAction = "Remove -SkipSideEffects, or write the metadata directly into its database with -ConnectionString.",
                };
            }

            var importer = new MetadataImporter(target);
            var plan = document is null
                ? await importer.PlanClearAsync(cancellationToken).ConfigureAwait(false)
                : await importer.PlanAsync(document, options, cancellationToken).ConfigureAwait(false);
            var isApproved = await OnPipelineAsync(() => Approve(plan, target.Description, action)).ConfigureAwait(false);
            if (!isApproved)
            {
                return;
            }

            var result = await importer.ExecuteAsync(plan, options, cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() =>
            {
                foreach (var effect in result.EffectsNotDone)
                {
                    WriteWarning($"Not done: {effect}");
                }

                foreach (var inconsistency in result.Inconsistencies)
                {
                    WriteWarning($"Inconsistent: {inconsistency.Name ?? inconsistency.Type ?? inconsistency.Definition}: {inconsistency.Reason}");
                }

                WriteObject(result);
            }).ConfigureAwait(false);
        });

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
        var (isApproved, reason) = Ask(() => (ShouldProcess(question, $"Are you sure you want to perform this action?{Environment.NewLine}{question}", "Confirm", out var why), why));
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
