using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>Makes one migration of a range of migrations; writes nothing.</summary>
/// <param name="database">The database.</param>
/// <param name="source">Its migrations.</param>
/// <param name="options">Which of them, and into what.</param>
/// <param name="clock">Gives a new version.</param>
public sealed class SquashPlanner(ProjectDatabase database, MigrationSource source, SquashOptions options, TimeProvider clock)
{
    // Texts of a range are joined in memory.
    private const long MostCharacters = 256 << 20;

    private readonly List<Finding> _findings = [];

    /// <summary>Makes the plan.</summary>
    /// <exception cref="HasuraMigrationException">
    /// MigrationNotFound, SquashRangeInvalid, MigrationNameInvalid, SquashActionsContradict, SquashSqlAmbiguous; PlanRefused or the id of the
    /// findings where the files cannot be joined.
    /// </exception>
    public SquashPlan Make()
    {
        NewName.Check("MigrationNameInvalid", "migration", options.Name);
        _findings.AddRange(source.Findings.Where(f => f.Severity == FindingSeverity.Error));
        var range = ChooseRange();
        var version = ChooseVersion(range[^1].Version);
        var ups = Items(range, MigrationDirection.Up, new Dictionary<long, string>());
        var missing = new Dictionary<long, string>();
        var downs = Items([.. range.Reverse()], MigrationDirection.Down, missing);
        Refuse();
        var manifest = new SquashManifest([.. range.Select(SquashedVersion.Of)]);
        var mergedUps = ActionMerger.Merge(Copy(ups));
        var mergedDowns = MergeDowns(downs);
        var migration = Migration(version, manifest, mergedUps, mergedDowns, missing);
        return new SquashPlan([.. source.Migrations.Where(m => m.Version < range[0].Version)], range, migration, _findings)
        {
            Unmerged = mergedUps.Count < ups.Count || mergedDowns.Count < downs.Count ? Migration(version, manifest, ups, downs, missing) : null,
        };
    }

    // Down steps that cannot succeed are no reason not to squash what was applied: they are kept as they are.
    private IReadOnlyList<SquashItem> MergeDowns(List<SquashItem> downs)
    {
        try
        {
            return ActionMerger.Merge(Copy(downs));
        }
        catch (HasuraMigrationException e) when (e.ErrorId == ActionMerger.ContradictionId)
        {
            _findings.Add(new Finding
            {
                Id = "DownFails",
                Severity = FindingSeverity.Warning,
                Message = $"The down steps of the range cannot succeed, and neither can that of the squashed migration: {e.Message}",
                Database = database.Name,
                Version = (long?)e.Target,
                File = e.File,
                Line = e.Line,
                Column = e.Column,
                RecommendedAction = "Correct the down step of the squashed migration.",
            });
            return downs;
        }
    }

    // Merging changes actions in place.
    private static IReadOnlyList<SquashItem> Copy(IReadOnlyList<SquashItem> items) => [.. items.Select(i => i.Copy())];

    private IReadOnlyList<SourceMigration> ChooseRange()
    {
        var to = options.To ?? source.Migrations.Select(m => m.Version).DefaultIfEmpty(options.From).Max();
        foreach (var version in (long[])[options.From, to])
        {
            if (source.Find(version) is null)
            {
                throw new HasuraMigrationException("MigrationNotFound", $"There is no migration {version} of database '{database.Name}' (it has no files); nothing was squashed.", version);
            }
        }

        var range = source.Migrations.Where(m => m.Version >= options.From && m.Version <= to).ToList();
        if (range.Count < 2)
        {
            throw Invalid(options.From > to ? $"{options.From} is above {to}" : $"{options.From} is the only migration in it");
        }

        foreach (var migration in range.Where(m => m.StepsOf(MigrationDirection.Up).Count == 0))
        {
            Report("UpMissing", $"The migration {migration.Version} has no up step.", migration, "Write the up step, or remove the migration.");
        }

        return range;
    }

    private long ChooseVersion(long last)
    {
        if (options.KeepVersion == SquashVersion.Last)
        {
            return last;
        }

        var newest = source.Migrations[^1].Version;
        // Files above the range would run before it.
        return newest == last
            ? Math.Max(clock.GetUtcNow().ToUnixTimeMilliseconds(), newest + 1)
            : throw Invalid($"migrations above {last} exist, such as {newest}, and a new version would run after them (-KeepVersion New)");
    }

    private HasuraMigrationException Invalid(string why) =>
        new("SquashRangeInvalid", $"The range cannot be squashed: {why}.", options.From);

    private List<SquashItem> Items(IReadOnlyList<SourceMigration> range, MigrationDirection direction, Dictionary<long, string> missing)
    {
        var found = new List<Finding>();
        var items = new List<SquashItem>();
        // All files of the range become one transaction.
        var inspector = new StepInspector(database.Name, MigrationTransactionMode.All, TargetTraits.Postgres, VariableSet.None, found, []);
        long characters = 0;
        foreach (var migration in range)
        {
            var steps = migration.StepsOf(direction).Where(s => !HasVariables(s, migration)).Select(s => inspector.Inspect(s, migration.Version, options.AllowEmptyDown)).OfType<PlannedStep>().ToList();
            characters += steps.Sum(s => (long)s.Step.Text.Content.Length);
            if (characters > MostCharacters)
            {
                throw new HasuraMigrationException("FileTooLarge", $"The files of the range have more than {MostCharacters:N0} characters.", migration.Version)
                {
                    RecommendedAction = $"Squash a shorter range, such as one that ends before {migration.Version} (-To).",
                };
            }

            foreach (var step in steps)
            {
                ReportOpen(step, migration);
                ReportModes(step, migration, range);
                items.AddRange(step.Actions.Count > 0
                    ? step.Actions.SelectMany(a => SquashItem.OfAction(migration, step.Step.Place, a.Position, a.Body))
                    : step.Script.IsCommentOnly ? [] : [SquashItem.OfFile(migration, step)]);
            }

            if (direction == MigrationDirection.Down)
            {
                NoteMissing(migration, steps, missing);
            }
        }

        _findings.AddRange(found.Where(f => f.Id is not ("StepCommentOnly" or "ByteOrderMark" or "StepTextNotKept" or "DumpGuardSkipped" or "TransactionModesIgnored")).Select(f => Adapt(f, range)));
        return items;
    }

    // The line that asks for variables would count for the other files, too, and their text may look like variables.
    private bool HasVariables(SourceStep step, SourceMigration migration)
    {
        if (step.SqlOrNull is not { } text || !SqlScript.Parse(text).HasVariables)
        {
            return false;
        }

        _findings.Add(Finding("VariableNotSupported", $"The file has variables ({SqlScript.VariablesDirective}), which cannot be joined with other files.", migration, FindingSeverity.Error) with
        {
            File = step.Path,
            Line = 1,
            RecommendedAction = "Squash ranges that end before this version and begin behind it (-From, -To).",
        });
        return true;
    }

    private void NoteMissing(SourceMigration migration, List<PlannedStep> steps, Dictionary<long, string> missing)
    {
        if (migration.StepsOf(MigrationDirection.Down).Count == 0)
        {
            missing.Add(migration.Version, $"{migration.Version}_{migration.Name} has no down step");
            Report("DownMissing", $"The migration {migration.Version} has no down step, so the squashed one cannot be rolled back completely.", migration, "Write the down step, or add -AllowEmptyDown.", options.AllowEmptyDown ? FindingSeverity.Warning : FindingSeverity.Error);
        }
        else if (steps.TrueForAll(s => !s.HasWork))
        {
            missing.Add(migration.Version, $"{migration.Version}_{migration.Name} has only comments in its down step");
        }
    }

    private void ReportOpen(PlannedStep step, SourceMigration migration)
    {
        if (step.Script.Unterminated is { Kind: SqlUnterminatedKind.Parenthesis or SqlUnterminatedKind.RoutineBody } open)
        {
            var position = step.Script.PositionOf(open.Index);
            _findings.Add(Finding("SqlUnterminated", $"A {(open.Kind == SqlUnterminatedKind.Parenthesis ? "parenthesis" : "routine body")} is opened here and never closed.", migration, FindingSeverity.Error) with
            {
                File = step.Step.Path,
                Line = position.Line,
                Column = position.Column,
            });
        }
    }

    private void ReportModes(PlannedStep step, SourceMigration migration, IReadOnlyList<SourceMigration> range)
    {
        if (step.TransactionOptions.Length > 0)
        {
            var position = step.LeftOut.First(s => !string.IsNullOrEmpty(s.TransactionModes)).Position;
            var finding = Finding("SquashNoTransaction", $"The file asks for a transaction with the modes '{step.TransactionOptions}', and a squashed migration is one transaction with those of the server.", migration, FindingSeverity.Error);
            _findings.Add(finding with { File = step.Step.Path, Line = position.Line, Column = position.Column, RecommendedAction = Apart(finding, range) });
        }
    }

    // The inspector speaks of a run in one transaction; here the range becomes one.
    private static Finding Adapt(Finding finding, IReadOnlyList<SourceMigration> range) => finding.Id switch
    {
        "NoTransactionInOneTransaction" => finding with
        {
            Id = "SquashNoTransaction",
            Message = "The file must run without a transaction, and a squashed migration is one transaction.",
            RecommendedAction = Apart(finding, range),
        },
        "NotInTransaction" => finding with { RecommendedAction = Apart(finding, range) },
        "EnumValueUsed" => finding with { RecommendedAction = $"If the proof fails because of it: {Apart(finding, range)}" },
        _ => finding,
    };

    private static string Apart(Finding finding, IReadOnlyList<SourceMigration> range)
    {
        var before = range.Where(m => m.Version < finding.Version).Select(m => m.Version).ToList();
        var behind = range.Where(m => m.Version > finding.Version).Select(m => m.Version).ToList();
        var ranges = new[] { before.Count > 1 ? $"the migrations up to {before.Max()} (-To {before.Max()})" : null, behind.Count > 1 ? $"those from {behind.Min()} (-From {behind.Min()})" : null }.OfType<string>().ToList();
        return $"Leave it a migration of its own{(ranges.Count > 0 ? $": squash {string.Join(", and separately ", ranges)}" : "")}.";
    }

    private SourceMigration Migration(long version, SquashManifest manifest, IReadOnlyList<SquashItem> ups, IReadOnlyList<SquashItem> downs, Dictionary<long, string> missing) => new(
        version,
        options.Name,
        Path.Combine(database.MigrationsDirectory, $"{version}_{options.Name}"),
        [
            .. new SquashText(MigrationDirection.Up, manifest.Text).Write(ups, new Dictionary<long, string>(), isNeeded: true),
            .. new SquashText(MigrationDirection.Down, isYaml => $"{(isYaml ? "#" : "--")} squashed by Merge-HasuraMigration\n").Write(downs, missing, isNeeded: missing.Count < manifest.Versions.Count),
        ]);

    private void Refuse()
    {
        var errors = _findings.Where(f => f.Severity == FindingSeverity.Error).ToList();
        if (errors.Count > 0)
        {
            new MigrationPlan(database.Name, [], errors, MigrationTransactionMode.All).ThrowIfRefused();
        }
    }

    private void Report(string id, string message, SourceMigration migration, string action, FindingSeverity severity = FindingSeverity.Error) =>
        _findings.Add(Finding(id, message, migration, severity) with { RecommendedAction = action });

    private Finding Finding(string id, string message, SourceMigration migration, FindingSeverity severity) => new()
    {
        Id = id,
        Severity = severity,
        Message = message,
        Database = database.Name,
        Version = migration.Version,
        File = migration.Path,
    };
}
