using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that apply and roll back.</summary>
public abstract class HasuraRunCmdlet : HasuraDatabaseCmdlet
{
    private readonly PipedInput<long> _input = new();
    private RunReporter? _reporter;

    private protected HasuraRunCmdlet()
    {
    }

    /// <summary>Changes the records only and runs nothing.</summary>
    [Parameter(HelpMessage = "Change the records only; run nothing.")]
    public SwitchParameter SkipExecution { get; set; }

    /// <summary>How transactions are laid; one each, or one for all in projects of config version 1.</summary>
    [Parameter(HelpMessage = "How transactions are laid around migrations.")]
    public MigrationTransactionMode? TransactionMode { get; set; }

    /// <summary>How long to wait for another run to end; 10 minutes where left out.</summary>
    [Parameter(HelpMessage = "How long to wait for another run to end.")]
    [Seconds]
    public TimeSpan LockTimeout { get; set; } = new RunOptions().LockTimeout;

    /// <summary>How long a connection that was lost may take to come back; 2 minutes where left out.</summary>
    [Parameter(HelpMessage = "How long a lost connection may take to come back.")]
    [Seconds]
    public TimeSpan ReconnectTimeout { get; set; } = RunOptions.DefaultReconnectTimeout;

    /// <summary>How long to go on trying for a lock on a table that others use; 5 minutes where left out.</summary>
    [Parameter(HelpMessage = "How long to go on trying for locks on tables.")]
    [Seconds]
    public TimeSpan DdlTimeout { get; set; } = new RunOptions().DdlTimeout;

    /// <summary>Longest time for one statement; the server's own setting where left out.</summary>
    [Parameter(HelpMessage = "Longest time for one statement.")]
    [Seconds]
    public TimeSpan? StatementTimeout { get; set; }

    /// <summary>Does not tell a running Hasura server that the schema changed.</summary>
    [Parameter(HelpMessage = "Do not tell a running Hasura server.")]
    public SwitchParameter NoReload { get; set; }

    /// <summary>
    /// After a failure through a Hasura server, which tells no position, finds the statement: beginnings of the file are run
    /// and always rolled back.
    /// </summary>
    [Parameter(HelpMessage = "Find the statement that failed through a server by trials that roll back.")]
    public SwitchParameter LocateError { get; set; }

    /// <summary>Does not keep the text of the steps in the history.</summary>
    [Parameter(HelpMessage = "Do not keep the text of the steps.")]
    public SwitchParameter NoStoreText { get; set; }

    /// <summary>Makes Hasura's own state store where there is none.</summary>
    [Parameter(HelpMessage = "Make Hasura's state store where there is none.")]
    public SwitchParameter CreateStateStore { get; set; }

    /// <summary>What progress calls the run.</summary>
    private protected abstract string Activity { get; }

    /// <summary>Versions bound for this input object; null where the goal is another one.</summary>
    private protected abstract string[]? BoundVersions { get; }

    private protected override void OnRecord() =>
        _input.Add(Database, [.. (BoundVersions ?? []).Select(v => MigrationVersions.Parse(v))]);

    private protected override void OnEnd()
    {
        // An empty pipeline asks for nothing; without this it would mean everything.
        if (_input.IsEmpty)
        {
            WriteVerbose("No migration was piped in.");
            return;
        }

        var project = OpenProject();
        var versions = _input.ByDatabase(project, isAllByDefault: false);
        var planOptions = PlanOptionsFor(project);
        ForEachDatabase(project, [.. versions.Keys], (scope, cancellationToken) => RunAsync(scope, GoalFor(versions[scope.Database]), planOptions, cancellationToken));
    }

    /// <summary>Where the run is to lead.</summary>
    private protected abstract MigrationGoal GoalFor(IReadOnlyList<long> versions);

    /// <summary>How plans are made.</summary>
    private protected virtual PlanOptions PlanOptionsFor(HasuraProject project) => new()
    {
        IsRecordOnly = SkipExecution,
        TransactionMode = TransactionMode ?? (project.ConfigVersion == 1 ? MigrationTransactionMode.All : MigrationTransactionMode.PerMigration),
    };

    /// <summary>A second question, for a plan that is more dangerous than the command's name says.</summary>
    private protected virtual bool Confirm(MigrationPlan plan, string subject) => true;

    private async Task RunAsync(MigrationScope scope, MigrationGoal goal, PlanOptions options, CancellationToken cancellationToken)
    {
        var plan = await scope.Runner.PlanAsync(goal, options, cancellationToken).ConfigureAwait(false);
        var approved = await OnPipelineAsync(() => Approve(scope, plan)).ConfigureAwait(false);
        if (approved.Count == 0 && !await OnPipelineAsync(() => MaySettle(scope, plan)).ConfigureAwait(false))
        {
            return;
        }

        var clock = Stopwatch.StartNew();
        var reporter = _reporter = NewReporter($"{Activity} {scope.Subject}", approved.Count);
        try
        {
            await scope.Runner.RunAsync(goal, options, ReadRunOptions(), approved, reporter, cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => Say($"{reporter.Summary}: {scope.Subject}, {Formatting._Format.Duration(clock.Elapsed)}.")).ConfigureAwait(false);
        }
        finally
        {
            reporter.End();
        }
    }

    private protected override void OnConsumerStopped()
    {
        if (_reporter is { Uncollected: { Count: > 0 } unseen })
        {
            WarnStopping($"The next command in the pipeline accepted no more results, but {unseen.Count} more migration{(unseen.Count == 1 ? " was" : "s were")} committed: {string.Join(", ", unseen)}. Get-HasuraMigration shows their status; -Count limits a run.");
        }
    }

    private RunOptions ReadRunOptions() => new()
    {
        LockTimeout = LockTimeout,
        ReconnectTimeout = ReconnectTimeout,
        DdlTimeout = DdlTimeout,
        StatementTimeout = StatementTimeout,
        NoReload = NoReload,
        NoStoreText = NoStoreText,
        CreateStateStore = CreateStateStore,
        LocateError = LocateError,
    };

    // A run whose state could not be written, or was written over, is made good by the next, even one without a migration.
    private bool MaySettle(MigrationScope scope, MigrationPlan plan) =>
        plan.Migrations.Count == 0 && plan.NeedsSettling && Confirmed(scope.Subject, "Synchronize Hasura's record of migrations with the history");

    private HashSet<long> Approve(MigrationScope scope, MigrationPlan plan)
    {
        // Errors are thrown together, with all of them in one message.
        Tell(plan.Findings.Where(f => f.Severity != FindingSeverity.Error));
        plan.ThrowIfRefused();
        if (plan.Migrations.Count == 0)
        {
            Say($"Nothing to do for {scope.Subject}.");
            return [];
        }

        var approved = new HashSet<long>();
        var isWhatIf = false;
        foreach (var migration in plan.Migrations)
        {
            var question = $"Performing the operation \"{Describe(migration)}\" on target \"{scope.Subject}\".";
            if (Ask(() => (ShouldProcess(question, $"Are you sure you want to perform this action?{Environment.NewLine}{question}", "Confirm", out var reason), reason), IdOfRefusal(migration.Direction)) is var (isApproved, why) && isApproved)
            {
                approved.Add(migration.Version);
            }

            isWhatIf |= why == ShouldProcessReason.WhatIf;
        }

        if (isWhatIf)
        {
            WriteObject(plan.Migrations.Select(m => m.ToInfo()), enumerateCollection: true);
            return [];
        }

        return approved.Count > 0 && Confirm(plan, scope.Subject) ? approved : [];
    }

    private static string IdOfRefusal(MigrationDirection direction) => direction == MigrationDirection.Down ? "RollbackNotConfirmed" : "ConfirmationNotPossible";

    private static string Describe(PlannedMigration migration)
    {
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
}
