using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Commands;

/// <summary>Runs seed files on a database.</summary>
/// <remarks>
/// <para>
/// Runs the SQL files in the seeds directory of a database: those of -Path in the order given, or all files of the directory tree in
/// lexical order. All files are checked before anything is written. By default, they are one transaction: if a statement fails, no file
/// of the run has an effect.
/// </para>
/// <para>
/// Seed files are not migrations: without -Once, each run executes them again. With -Once, a file is recorded in the transaction in which
/// it runs, and skipped while it is unchanged; it runs exactly once, also after a lost connection or in two runs at the same time.
/// </para>
/// <para>With -WhatIf, the plan is written as objects; nothing is changed. If the pipeline is empty, nothing is run.</para>
/// </remarks>
/// <input cref="HasuraSeed"/>
/// <output cref="SeedResult">One object for each file, as soon as it is committed.</output>
/// <output cref="PlannedSeedInfo">With -WhatIf: one object for each file.</output>
/// <notes>
/// Running Hasura servers are notified only if a file contains statements that may change tables. After changes to rows of an enum table,
/// run Update-HasuraMetadata.
/// </notes>
/// <seealso cref="NewHasuraSeedCommand"/>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations_Errors"/>
[Cmdlet(VerbsLifecycle.Invoke, "HasuraSeed", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Invoke-HasuraSeed.md")]
[OutputType(typeof(SeedResult), typeof(PlannedSeedInfo))]
public sealed class InvokeHasuraSeedCommand : HasuraScriptCmdlet
{
    private readonly PipedInput<string> _input = new();
    private SeedReporter? _reporter;

    /// <summary>
    /// Files to run, in this order, relative to the seeds directory of the database. A directory means all files below it. The wildcards *
    /// and ? do not match a slash. A file that is named twice runs once. Without it, all files run.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SeedCompleter))]
    public string[]? Path { get; set; }

    /// <summary>
    /// How files are grouped into transactions: All (all files of the run are one transaction), PerFile (each file is one transaction), None
    /// (each statement runs separately). The default is All.
    /// </summary>
    [Parameter]
    public SeedTransactionMode TransactionMode { get; set; }

    /// <summary>Records each file with its checksum, and skips files that were recorded before and did not change since.</summary>
    [Parameter]
    public SwitchParameter Once { get; set; }

    /// <summary>
    /// Runs files from their first statement even if an earlier run without a transaction was interrupted in the middle. Without it, such a
    /// file is resumed after the statements that are done.
    /// </summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    private protected override void OnRecord() => _input.Add(Database, Path ?? []);

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No seed file was piped in.");
            return;
        }

        var project = OpenProject();
        var paths = _input.ByDatabase(project, isAllByDefault: false, mayBeNew: true);
        RunWithVariables(paths.Count, () => ForEachConnection(project, [.. paths.Keys], (database, connection, cancellationToken) => RunAsync(project, database, connection, paths[database], cancellationToken)));
    }

    private protected override void OnConsumerStopped()
    {
        if (_reporter is { Uncollected: { Count: > 0 } unseen })
        {
            WarnStopping($"The next command in the pipeline accepted no more results, but {unseen.Count} more seed file{(unseen.Count == 1 ? " was" : "s were")} committed: {string.Join(", ", unseen)}.");
        }
    }

    private async Task RunAsync(HasuraProject project, ProjectDatabase database, ResolvedConnection connection, List<string> paths, CancellationToken cancellationToken)
    {
        var source = SeedSource.Scan(project, database, paths.Count > 0 ? paths : null);
        var target = MigrationTargets.OpenForSeeds(connection, database.Name, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            var subject = $"database '{database.Name}' on {target.Description}";
            if (source.Entries.Count == 0)
            {
                await OnPipelineAsync(() => ReportNone(source)).ConfigureAwait(false);
                return;
            }

            var runner = new SeedRunner(source, target);
            var options = new SeedOptions { TransactionMode = Mode, IsOnce = Once, Restart = Restart, Variables = Variables };
            var plan = await runner.PlanAsync(options, cancellationToken).ConfigureAwait(false);
            if (await OnPipelineAsync(() => Approve(plan, subject)).ConfigureAwait(false) is { } approved)
            {
                await RunAsync(runner, plan, options, approved, subject, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task RunAsync(SeedRunner runner, SeedPlan plan, SeedOptions options, HashSet<string> approved, string subject, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var reporter = _reporter = new SeedReporter(NewWriter(), $"Running seed files on {subject}", approved.Count);
        var isDone = false;
        try
        {
            await runner.RunAsync(plan, options, ReadRunOptions(), approved, reporter, cancellationToken).ConfigureAwait(false);
            isDone = true;
            await OnPipelineAsync(() => WriteSummary($"{reporter.Summary}: {subject}, {Formatting._Format.Duration(clock.Elapsed)}.")).ConfigureAwait(false);
        }
        finally
        {
            reporter.End(isDone);
        }
    }

    private MigrationTransactionMode Mode => TransactionMode switch
    {
        SeedTransactionMode.PerFile => MigrationTransactionMode.PerMigration,
        SeedTransactionMode.None => MigrationTransactionMode.None,
        _ => MigrationTransactionMode.All,
    };

    private void ReportNone(SeedSource source) => Report(new Finding
    {
        Id = "SeedFilesMissing",
        Severity = FindingSeverity.Warning,
        Message = $"There is no seed file in '{source.Directory}'.",
        Database = source.Database,
    });

    /// <summary>The files the user agreed to; null for nothing to do.</summary>
    private HashSet<string>? Approve(SeedPlan plan, string subject)
    {
        // Errors are thrown together, with all of them in one message.
        Report(plan.Run.Findings.Where(f => f.Severity != FindingSeverity.Error));
        plan.Run.ThrowIfRefused();
        var approved = new HashSet<string>();
        var isWhatIf = false;
        foreach (var seed in plan.Seeds.Where(s => s.Outcome == SeedOutcome.Applied))
        {
            var question = $"Performing the operation \"{(seed.ResumeAfter > 0 ? $"Resume seed file {seed.Path} after statement {seed.ResumeAfter}" : $"Run seed file {seed.Path}")}\" on target \"{subject}\".";
            if (Ask(() => (ShouldProcess(question, $"Are you sure you want to perform this action?{Environment.NewLine}{question}", "Confirm", out var reason), reason)) is var (isApproved, why) && isApproved)
            {
                approved.Add(seed.Path);
            }

            isWhatIf |= why == ShouldProcessReason.WhatIf;
        }

        if (isWhatIf || MyInvocation.BoundParameters.TryGetValue("WhatIf", out var whatIf) && whatIf is SwitchParameter { IsPresent: true })
        {
            WriteObject(plan.Seeds, enumerateCollection: true);
            return null;
        }

        return approved.Count > 0 || plan.Run.Migrations.Count == 0 ? approved : null;
    }
}
