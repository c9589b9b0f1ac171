using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Plans which repeatable files run: those that changed since they ran. Their SQL is checked as that of migrations is.</summary>
internal sealed class RepeatablePlanner(MigrationSource source, MigrationLedger ledger, PlanOptions options)
{
    // Advice that is another one for repeatable files than for migrations.
    private static readonly Dictionary<string, string> Advice = new()
    {
        ["NotInTransaction"] = $"Move it to a migration whose first line is '{SqlScript.NoTransactionDirective}'.",
        ["NoTransactionInOneTransaction"] = "Remove the directive, or move the file to a migration.",
    };

    private readonly List<string> _enumLabels = [];

    /// <summary>Paths of the files that changed, or that never ran.</summary>
    internal IReadOnlySet<string> Pending { get; private set; } = new HashSet<string>();

    /// <summary>What is to be run and, of files that are gone, removed from the record. Errors are findings.</summary>
    /// <param name="isRun">False where the goal has no repeatable files; then only <see cref="Pending"/> is found out.</param>
    /// <param name="findings">Takes what was noticed.</param>
    internal IReadOnlyList<PlannedMigration> Plan(bool isRun, List<Finding> findings)
    {
        var rows = ledger.Snapshot.Repeatables.ToDictionary(r => r.Path);
        ChecksumComparer.Prefetch([.. source.Repeatables.Select(f => f.Step)]);
        var changed = source.Repeatables.Where(f => IsChanged(f, rows.GetValueOrDefault(f.Path), isRun ? findings : [])).ToList();
        Pending = changed.Select(f => f.Path).ToHashSet();
        if (!isRun)
        {
            return [];
        }

        if (changed.Count > 0 && !ledger.Snapshot.Traits.KeepsHistory)
        {
            findings.Add(Error("RepeatableNotSupported", $"The source is of the kind {ledger.Snapshot.Traits.Kind}, where no record can be kept of which repeatable files ran.", changed[0].Step.Path));
            return [];
        }

        var planned = changed.Select(f => PlanOne(f, rows.GetValueOrDefault(f.Path), findings)).OfType<PlannedMigration>().ToList();
        CheckLength(planned, findings);
        var gone = rows.Keys.Except(source.Repeatables.Select(f => f.Path)).Order(StringComparer.Ordinal);
        return [.. planned, .. gone.Select(path => Forget(rows[path], findings))];
    }

    private bool IsChanged(RepeatableFile file, FileRow? row, List<Finding> findings)
    {
        try
        {
            return row?.Checksum != file.Step.Checksum;
        }
        catch (HasuraMigrationException e)
        {
            findings.Add(Error(e.ErrorId, e.Message, file.Step.Path) with { Line = e.Line, Column = e.Column });
            return false;
        }
    }

    private PlannedMigration? PlanOne(RepeatableFile file, FileRow? row, List<Finding> findings)
    {
        var found = new List<Finding>();
        var inspector = new StepInspector(source.Database, MigrationTransactionMode.All, ledger.Snapshot.Traits, options.Variables, found, _enumLabels);
        var step = options.IsRecordOnly ? null : inspector.Inspect(file.Step, NumberOf(file.Path), allowEmptyDown: true);
        var own = found.Select(Adapt).OfType<Finding>().Select(f => MaskedErrors.Of(f, options.Variables.Mask)).ToList();
        findings.AddRange(own);
        return step is null && !options.IsRecordOnly ? null : new PlannedMigration
        {
            Database = source.Database,
            Version = NumberOf(file.Path),
            Name = file.Path,
            Direction = MigrationDirection.Up,
            Steps = step is null ? [] : [step],
            IsTransactional = true,
            IsRecordOnly = options.IsRecordOnly,
            Source = new SourceMigration(NumberOf(file.Path), file.Path, file.Step.Path!, [file.Step]),
            Mark = new FileMark(FileKind.Repeatable, file.Path, file.Step.Checksum, IsOnce: true, MayChangeSchema: !options.IsRecordOnly),
            Entry = row?.ToEntry(NumberOf(file.Path)),
            Findings = own,
        };
    }

    private PlannedMigration Forget(FileRow row, List<Finding> findings)
    {
        var finding = new Finding
        {
            Id = "RepeatableFileMissing",
            Severity = FindingSeverity.Information,
            Message = $"The repeatable file '{row.Path}' no longer exists. Its record is removed; what it created stays in the database.",
            Database = source.Database,
        };
        findings.Add(finding);
        return new PlannedMigration
        {
            Database = source.Database,
            Version = NumberOf(row.Path),
            Name = row.Path,
            Direction = MigrationDirection.Down,
            Steps = [],
            IsTransactional = true,
            IsRecordOnly = true,
            Mark = new FileMark(FileKind.Repeatable, row.Path, row.Checksum, IsOnce: true, MayChangeSchema: false),
            Entry = row.ToEntry(NumberOf(row.Path)),
            Findings = [finding],
        };
    }

    // Through a server, one transaction is one request.
    private void CheckLength(List<PlannedMigration> planned, List<Finding> findings)
    {
        var length = planned.Sum(m => m.Steps.Sum(s => (long)s.Script.Content.Length));
        if (planned.Count > 1 && length > ledger.Snapshot.Traits.MaximumCharacters)
        {
            findings.Add(Error("FileTooLarge", $"The repeatable files that changed have {length:N0} characters; through a Hasura server they are one request of up to {ledger.Snapshot.Traits.MaximumCharacters:N0}.", null) with { RecommendedAction = "Connect straight to the database, where files are sent in parts." });
        }
    }

    // What inspections say of migrations, as it is for repeatable files; null for what does not concern them.
    private static Finding? Adapt(Finding finding) => finding.Id switch
    {
        "StepTextNotKept" => null,
        "StepCommentOnly" => finding with { Version = null, Message = "The file contains only comments; it is recorded and changes nothing." },
        "NoTransactionInOneTransaction" => finding with { Version = null, Message = "The file must run without a transaction, but the repeatable files of a run are one transaction.", RecommendedAction = Advice[finding.Id] },
        _ => finding with { Version = null, RecommendedAction = Advice.GetValueOrDefault(finding.Id, finding.RecommendedAction!) },
    };

    /// <summary>What tells a file from versions and from other files: a negative number, the same in each plan.</summary>
    private static long NumberOf(string path) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(path))) | long.MinValue;

    private Finding Error(string id, string message, string? file) => new()
    {
        Id = id,
        Severity = FindingSeverity.Error,
        Message = message,
        Database = source.Database,
        File = file,
    };
}
