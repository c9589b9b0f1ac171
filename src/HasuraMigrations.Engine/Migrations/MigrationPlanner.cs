using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Makes the whole plan, with everything that is wrong with it, before anything runs.</summary>
public sealed class MigrationPlanner
{
    private readonly MigrationSource _source;
    private readonly MigrationLedger _ledger;
    private readonly PlanOptions _options;
    private readonly IReadOnlyDictionary<long, SourceMigration> _stored;
    private readonly List<Finding> _findings = [];
    private readonly List<string> _enumLabels = [];
    private readonly long _newest;

    /// <summary>A planner over what is on disk and what is applied.</summary>
    /// <param name="source">The files.</param>
    /// <param name="ledger">What is applied.</param>
    /// <param name="options">How to plan.</param>
    /// <param name="stored">Texts kept in the history, for <see cref="PlanOptions.FromHistory"/>.</param>
    public MigrationPlanner(MigrationSource source, MigrationLedger ledger, PlanOptions options, IReadOnlyDictionary<long, SourceMigration>? stored = null)
    {
        _source = source;
        _ledger = ledger;
        _newest = ledger.Applied.DefaultIfEmpty(0).Max();
        _options = options;
        _stored = stored ?? new Dictionary<long, SourceMigration>();
    }

    /// <summary>The plan for a goal. Errors are findings in it; nothing is thrown for them.</summary>
    public MigrationPlan Plan(MigrationGoal goal)
    {
        _findings.AddRange(_source.Findings);
        _findings.AddRange(_ledger.Findings);
        var (direction, versions) = new GoalResolver(_source, _ledger, _findings).Resolve(goal);
        ReportInterrupted(direction, versions);
        ReportInDoubt(goal, direction, versions);
        ReportSquashed(direction, versions);
        CompareChecksums(direction);
        ReportMissing();
        var migrations = versions.Select(v => PlanOne(v, direction)).ToList();
        var repeatables = new RepeatablePlanner(_source, _ledger, _options);
        var files = repeatables.Plan(goal.WithRepeatables, _findings);
        _options.Variables.NotePlan(_source.Database, _source.Migrations.SelectMany(m => m.Steps).Concat(_source.Repeatables.Select(f => f.Step)).Select(s => s.SqlOrNull).OfType<SqlText>());
        var withUpStep = _source.Migrations.Where(m => m.StepsOf(MigrationDirection.Up).Count > 0).Select(m => m.Version).ToHashSet();
        return new MigrationPlan(_source.Database, migrations, Masked(_findings), _options.TransactionMode)
        {
            Repeatables = files,
            PendingRepeatables = repeatables.Pending,
            WithUpStep = withUpStep,
            Pending = withUpStep.Where(v => !IsSquashed(v) && _ledger.Find(v)?.State is null or MigrationState.Pending or MigrationState.Interrupted).ToHashSet(),
            HasMetadataInMigrations = _source.Migrations.Any(m => m.Steps.Any(s => s.Kind is MigrationStepKind.UpYaml or MigrationStepKind.DownYaml)),
            // ToMirror also has versions that the record contains, where only the note in the history is old: no reason for a run.
            NeedsSynchronization = _ledger.ToUnmirror.Count > 0 || _ledger.ToMirror.Any(v => !_ledger.Snapshot.State.Versions.ContainsKey(v)),
        };
    }

    private PlannedMigration PlanOne(long version, MigrationDirection direction)
    {
        var from = _findings.Count;
        var entry = _ledger.Find(version);
        var source = SourceOf(version, direction);
        var isOutOfOrder = ReportOutOfOrder(version, direction);
        // The rest of a run without transactions runs without them too, with the file's own BEGINs and COMMITs.
        var isRest = entry is { State: MigrationState.Interrupted, Row: { } row } && row.Direction == direction && _options.TransactionMode == MigrationTransactionMode.PerMigration;
        var inspector = new StepInspector(_source.Database, isRest ? MigrationTransactionMode.None : _options.TransactionMode, _ledger.Snapshot.Traits, _options.Variables, _findings, _enumLabels);
        List<PlannedStep> steps = _options.IsRecordOnly
            ? []
            : [.. StepsOf(source, version, direction).Select(s => inspector.Inspect(s, version, _options.AllowEmptyDown)).OfType<PlannedStep>()];
        var planned = new PlannedMigration
        {
            Database = _source.Database,
            Version = version,
            Name = source?.Name ?? entry?.Row?.Name ?? "",
            Direction = direction,
            Steps = steps,
            IsTransactional = _options.IsRecordOnly || steps.TrueForAll(s => inspector.IsTransactional(s.Script)),
            IsRecordOnly = _options.IsRecordOnly,
            IsOutOfOrder = isOutOfOrder,
            Source = source,
            Entry = entry,
        };
        if (!planned.IsTransactional && steps.Find(s => s.Actions.Count > 0) is { } actions && _options.TransactionMode != MigrationTransactionMode.None)
        {
            Report("NoTransactionNotSupported", FindingSeverity.Error, "The file contains metadata actions, which run only in a transaction, but its SQL must run without one.", version, actions.Step.Path);
        }

        if (source is not null && direction == MigrationDirection.Up)
        {
            ReportUnreadable(source, version);
        }

        planned = Resume(planned);
        return planned with { Findings = Masked(_findings[from..]) };
    }

    private List<Finding> Masked(IEnumerable<Finding> findings) => [.. findings.Select(f => MaskedErrors.Of(f, _options.Variables.Mask))];

    private SourceMigration? SourceOf(long version, MigrationDirection direction) =>
        direction == MigrationDirection.Down && _options.FromHistory && _stored.TryGetValue(version, out var stored)
            ? stored
            : _source.Find(version);

    // The record keeps the texts of all steps, also of those that do not run now: one that cannot be read would stop the run in its middle.
    private void ReportUnreadable(SourceMigration source, long version)
    {
        foreach (var step in source.Steps)
        {
            try
            {
                _ = step.Text;
            }
            catch (HasuraMigrationException e)
            {
                if (!_findings.Exists(f => f.Id == e.ErrorId && f.File == step.Path))
                {
                    Report(e.ErrorId, FindingSeverity.Error, e.Message, version, step.Path);
                    _findings[^1] = _findings[^1] with { Line = e.Line, Column = e.Column };
                }
            }
        }
    }

    private IReadOnlyList<SourceStep> StepsOf(SourceMigration? source, long version, MigrationDirection direction)
    {
        var steps = source?.StepsOf(direction) ?? [];
        if (steps.Count == 0 && direction == MigrationDirection.Down)
        {
            var why = source is null ? "has no local files" : "has no down step";
            Report("DownMissing", _options.AllowEmptyDown ? FindingSeverity.Warning : FindingSeverity.Error, $"The migration {version} {why}, so rolling back would only remove the record.", version, source?.Path);
        }

        return steps;
    }

    private bool ReportOutOfOrder(long version, MigrationDirection direction)
    {
        if (direction == MigrationDirection.Down || version > _newest)
        {
            return false;
        }

        // Hasura's CLI applies older pending versions too, without a warning, so they are refused only on request (-RejectOutOfOrder).
        Report("OutOfOrder", _options.RejectOutOfOrder ? FindingSeverity.Error : FindingSeverity.Warning, $"The migration {version} is older than migrations that are already applied.", version, _source.Find(version)?.Path);
        return true;
    }

    private void ReportInterrupted(MigrationDirection direction, List<long> versions)
    {
        foreach (var entry in _ledger.Entries.Where(e => e.State == MigrationState.Interrupted))
        {
            if (entry.Row!.Direction != direction || !versions.Contains(entry.Version))
            {
                Report("MigrationUnfinished", FindingSeverity.Error, $"The {entry.Row.Direction.ToString().ToLowerInvariant()} step of {entry.Version} was interrupted after statement {entry.Row.FinishedStatements} and must be resumed or repaired first.", entry.Version);
            }
        }
    }

    // A version in doubt stands in the way of a plan that touches it, or that rolls back what lies below it.
    private void ReportInDoubt(MigrationGoal goal, MigrationDirection direction, List<long> versions)
    {
        var doubtful = _ledger.Entries.Where(e => e.State == MigrationState.InDoubt).ToList();
        var lowest = goal switch
        {
            MigrationGoal.DownTo down => down.Version,
            MigrationGoal.To to => to.Version,
            // A version in doubt may be applied, so it counts among the last ones. What is above the bound is rolled back, hence one less.
            MigrationGoal.Last last => _ledger.Applied.Concat(doubtful.Select(e => e.Version)).OrderDescending().Take(last.Count).DefaultIfEmpty(long.MaxValue).Min() - 1,
            _ => versions.DefaultIfEmpty(long.MaxValue).Min() - 1,
        };
        foreach (var entry in doubtful)
        {
            var isNamed = goal is MigrationGoal.Exactly exactly ? exactly.Versions.Contains(entry.Version) : goal is MigrationGoal.To to && to.Version == entry.Version;
            if (isNamed || (direction == MigrationDirection.Down && entry.Version > lowest))
            {
                Report("StateInDoubt", FindingSeverity.Error, $"It is unknown whether version {entry.Version} is applied, and the plan includes it: Hasura's record no longer contains the version, which was written to it, and {_ledger.Snapshot.Evidence.GetValueOrDefault(entry.Version)}.", entry.Version, action: MigrationLedger.InDoubtAction(entry.Version));
            }
        }
    }

    private void ReportSquashed(MigrationDirection direction, List<long> versions)
    {
        foreach (var squash in _ledger.Squashes.Where(s => versions.Exists(s.Concerns)))
        {
            if (_options.IsRecordOnly && direction == MigrationDirection.Up && squash.Obstacle is null)
            {
                // Nothing runs twice, and what is recorded as applied is: the ledger already reports what is left to do.
                continue;
            }

            Report("MigrationSquashed", FindingSeverity.Error, $"{squash.Message} Running one of their steps would apply or undo the work of all of them.", squash.Version, _source.Find(squash.Version)?.Path, squash.Action);
        }
    }

    private bool IsSquashed(long version) => _ledger.Squashes.Any(s => s.Concerns(version));

    private void CompareChecksums(MigrationDirection direction)
    {
        var applied = _ledger.Entries.Where(e => e is { State: MigrationState.Applied, Row.Checksums.Count: > 0 } && _source.Find(e.Version) is not null && !IsSquashed(e.Version)).ToList();
        ChecksumComparer.Prefetch([.. applied.SelectMany(e => _source.Find(e.Version)!.Steps)]);
        foreach (var entry in applied)
        {
            try
            {
                CompareChecksum(entry, _source.Find(entry.Version)!, direction);
            }
            catch (HasuraMigrationException e)
            {
                Report(e.ErrorId, FindingSeverity.Error, e.Message, entry.Version, e.File);
            }
        }
    }

    private void CompareChecksum(LedgerEntry entry, SourceMigration migration, MigrationDirection direction)
    {
        var changed = ChecksumComparer.ChangedSteps(migration, entry, MigrationDirection.Up).ToList();
        if (changed.Count > 0)
        {
            // A rollback does not run the up step, so a change of it is only a warning.
            var severity = direction == MigrationDirection.Down || _options.AllowChanged ? FindingSeverity.Warning : FindingSeverity.Error;
            Report("MigrationChanged", severity, $"{string.Join(" and ", changed)} of the applied migration {entry.Version} changed since it was applied.", entry.Version, migration.Path);
        }
        else if (ChecksumComparer.ChangedSteps(migration, entry, MigrationDirection.Down).ToList() is { Count: > 0 } downs)
        {
            // A down step has not run yet, so the database does not differ from the files because of it.
            Report("DownChanged", FindingSeverity.Information, $"{string.Join(" and ", downs)} of the applied migration {entry.Version} changed since it was applied.", entry.Version, migration.Path);
        }
    }

    private void ReportMissing()
    {
        foreach (var version in _ledger.Applied.Where(v => _source.Find(v) is null && !IsSquashed(v)))
        {
            Report("MigrationFileMissing", FindingSeverity.Warning, $"The migration {version} is applied but has no local files.", version);
        }
    }

    private PlannedMigration Resume(PlannedMigration planned)
    {
        if (planned.Entry is not { State: MigrationState.Interrupted, Row: { } row } || row.Direction != planned.Direction || planned.IsRecordOnly)
        {
            return planned;
        }

        return Resumption.Resume(planned, row, _findings.Add);
    }

    private void Report(string id, FindingSeverity severity, string message, long? version, string? file = null, string? action = null) => _findings.Add(new Finding
    {
        RecommendedAction = action,
        Id = id,
        Severity = severity,
        Message = message,
        Database = _source.Database,
        Version = version,
        File = file,
    });
}
