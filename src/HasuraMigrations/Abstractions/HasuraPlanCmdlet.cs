using System.Management.Automation;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that plan a run of migrations on one database or many, carry it out, or keep the plan as a file.</summary>
public abstract class HasuraPlanCmdlet : HasuraSummaryCmdlet
{
    private protected const string PlanSet = "Plan";

    private protected HasuraPlanCmdlet()
    {
    }

    /// <summary>
    /// How migrations are grouped into transactions: PerMigration (each migration and its record are one transaction), All (all
    /// migrations of the run are one transaction), None (each statement runs separately, as in a file with the no-transaction
    /// directive). The default is PerMigration, and All for projects of config version 1, as in Hasura.
    /// </summary>
    [Parameter]
    public MigrationTransactionMode? TransactionMode { get; set; }

    /// <summary>
    /// Creates Hasura's own record of migrations (schema hdb_catalog) if it does not exist. Without it, only the history is written
    /// until Hasura creates its record.
    /// </summary>
    [Parameter]
    public SwitchParameter CreateStateStore { get; set; }

    /// <summary>Does not store the text of the steps in the history. Such migrations cannot be rolled back without their files.</summary>
    [Parameter]
    public SwitchParameter NoStoreText { get; set; }

    /// <summary>
    /// Number of databases to work on at once. Each has its own lock, history and results; one that fails does not stop the others.
    /// The results of several databases then come in the order in which they are committed. The default is 1.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 1;

    /// <summary>
    /// The part of the databases to work on, such as 3/10 for the third of ten parts, so that several machines share the work. The part of a
    /// database follows from its name alone: it remains the same when other databases are added. Without -Database, all databases of
    /// the project are divided.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Shard { get; set; }

    /// <summary>
    /// File to write the plan to, as JSON, in place of applying it. Nothing is changed. The same command applies the plan with -Plan, for
    /// example after an approval. If the plan of a database is refused or cannot be made, no file is written.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPlan { get; set; }

    /// <summary>
    /// File of a plan that was made with -OutputPlan. Exactly this plan is applied; it is refused if a file of it changed, if the database is
    /// another one, or if anything ran on the database since, also through other tools that use the same history.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = PlanSet, HelpMessage = "File of a plan that was made with -OutputPlan.")]
    [ValidateNotNullOrEmpty]
    public string? Plan { get; set; }

    private protected sealed override int AtOnce => ThrottleLimit;

    private protected override RunOptions ReadRunOptions() => base.ReadRunOptions() with { NoStoreText = NoStoreText, CreateStateStore = CreateStateStore };

    /// <summary>The transaction mode that was given, else that of the project's config version.</summary>
    private protected MigrationTransactionMode TransactionModeFor(HasuraProject project) =>
        TransactionMode ?? (project.ConfigVersion == 1 ? MigrationTransactionMode.All : MigrationTransactionMode.PerMigration);

    /// <summary>True where a switch was given, and not as false.</summary>
    private protected bool IsGiven(string parameter) => MyInvocation.BoundParameters.TryGetValue(parameter, out var value) && value is SwitchParameter { IsPresent: true };

    /// <summary>
    /// Measures what a plan does to the API and shows it, where -MeasureImpact asks for it, or where -WhatIf does and -MeasureImpact was not given as
    /// false. Permissions that become wider are refused, unless -AllowWiderPermissions is given.
    /// </summary>
    /// <param name="subject">Where the plan runs, for people.</param>
    /// <param name="target">The object of an error.</param>
    /// <param name="measure">Measures it; null for a plan that does nothing to an API.</param>
    /// <returns>What was shown; null for nothing.</returns>
    private protected async Task<IReadOnlyList<string>?> ShowImpactAsync(string subject, string? target, Func<ImpactInspection, Task<MeasuredPlan?>> measure)
    {
        var (isAsked, isWhatIf) = (IsGiven("MeasureImpact"), IsGiven("WhatIf"));
        if (!isAsked && (!isWhatIf || MyInvocation.BoundParameters.ContainsKey("MeasureImpact")))
        {
            return null;
        }

        MeasuredPlan? found;
        try
        {
            found = await measure(new ImpactInspection(Variables, text => PostToPipeline(() => WriteVerbose(text)))).ConfigureAwait(false);
        }
        catch (HasuraMigrationException e) when (!isAsked)
        {
            // What would be done is shown nevertheless.
            await OnPipelineAsync(() => WriteWarning($"The impact on the API was not measured: {e.Message}")).ConfigureAwait(false);
            return null;
        }

        if (found is null)
        {
            return null;
        }

        await OnPipelineAsync(() =>
        {
            found.Lines.ToList().ForEach(WriteSummary);
            if (IsGiven("AllowWiderPermissions") || ImpactInspection.Refusal(found.Impact, subject, target) is not { } refusal)
            {
                return;
            }

            if (!isWhatIf)
            {
                throw refusal;
            }

            WriteError(ToRecord(refusal, target));
        }).ConfigureAwait(false);
        return found.Lines;
    }

    /// <summary>Refuses a parameter that a given plan has decided.</summary>
    /// <param name="decided">Names of such parameters, on any command that takes a plan.</param>
    private protected void RefuseBesidePlan(IEnumerable<string> decided)
    {
        if (decided.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } name)
        {
            throw new HasuraMigrationException("PlanFixed", $"-Plan and -{name} exclude each other.", name);
        }
    }
}
