using System.Globalization;
using System.Text.Json.Serialization;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Releases;

/// <summary>What a plan has for one database.</summary>
public sealed record DatabasePlan
{
    /// <summary>Source name.</summary>
    public required string Database { get; init; }

    /// <summary>Where it was when the plan was made, for people.</summary>
    public required string Target { get; init; }

    /// <summary>Which database it was, and how far its log was.</summary>
    public required TargetIdentity Identity { get; init; }

    /// <summary>How transactions are laid.</summary>
    public required MigrationTransactionMode TransactionMode { get; init; }

    /// <summary>Only records change.</summary>
    public bool RecordOnly { get; init; }

    /// <summary>Versions below an applied one were refused.</summary>
    public bool RejectOutOfOrder { get; init; }

    /// <summary>Changed up steps of applied migrations were allowed.</summary>
    public bool AllowChanged { get; init; }

    /// <summary>Down steps that do nothing were allowed.</summary>
    public bool AllowEmptyDown { get; init; }

    /// <summary>The texts of the history are used for rolling back.</summary>
    public bool FromHistory { get; init; }

    /// <summary>The migrations, in the order in which they run; then the repeatable files.</summary>
    public required IReadOnlyList<MigrationEntry> Migrations { get; init; }

    /// <summary>The seed files that run behind the migrations, in order, with their checksums; null where none are to run.</summary>
    public IReadOnlyList<SeedEntry>? Seeds { get; init; }

    /// <summary>What the migrations do to the API, for people; null where nobody measured it. Nothing depends on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Impact { get; init; }

    internal bool IsComplete =>
        Database is not null && Target is not null && Identity is { System: not null, Database: not null }
        && Migrations?.All(m => m is { Name: not null, Steps: not null } && m.Steps.Values.All(v => v is not null)) == true
        && Seeds?.All(s => s is { Path: not null, Checksum: not null }) != false
        && Impact?.All(l => l is not null) != false;

    /// <summary>One seed file of the plan.</summary>
    /// <param name="Path">Path below the seeds directory.</param>
    /// <param name="Checksum">Checksum of its text.</param>
    public sealed record SeedEntry(string Path, string Checksum);

    /// <summary>One migration of the plan.</summary>
    public sealed record MigrationEntry
    {
        /// <summary>Version number; 0 for a repeatable file.</summary>
        public required long Version { get; init; }

        /// <summary>Name; of a repeatable file, its path.</summary>
        public required string Name { get; init; }

        /// <summary>Which way.</summary>
        public required MigrationDirection Direction { get; init; }

        /// <summary>Statements done by an interrupted run.</summary>
        public int ResumeAfter { get; init; }

        /// <summary>The checksum of each step that runs, by file name.</summary>
        public required IReadOnlyDictionary<string, string> Steps { get; init; }

        // Repeatable files have no version; a version has one name.
        internal (long, string) Key => Version == 0 ? (0, Name) : (Version, "");

        internal string Title => Version == 0 ? $"repeatable file {Name}" : $"migration {Version.ToString(CultureInfo.InvariantCulture)}_{Name}";
    }

    /// <summary>Takes what a plan has.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="options">How it was made.</param>
    /// <param name="target">Where the database is, for people.</param>
    /// <param name="identity">Which database it is.</param>
    public static DatabasePlan Of(MigrationPlan plan, PlanOptions options, string target, TargetIdentity identity) => new()
    {
        Database = plan.Database,
        Target = target,
        Identity = identity,
        TransactionMode = options.TransactionMode,
        RecordOnly = options.IsRecordOnly,
        RejectOutOfOrder = options.RejectOutOfOrder,
        AllowChanged = options.AllowChanged,
        AllowEmptyDown = options.AllowEmptyDown,
        FromHistory = options.FromHistory,
        Migrations = Entries(plan),
    };

    /// <summary>The seed files of a plan.</summary>
    public static IReadOnlyList<SeedEntry> EntriesOf(SeedPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return [.. plan.Run.Migrations.Select(m => new SeedEntry(m.Mark!.Path, m.Mark.Checksum))];
    }

    /// <summary>How the plan was made.</summary>
    public PlanOptions ToOptions() => new()
    {
        TransactionMode = TransactionMode,
        IsRecordOnly = RecordOnly,
        RejectOutOfOrder = RejectOutOfOrder,
        AllowChanged = AllowChanged,
        AllowEmptyDown = AllowEmptyDown,
        FromHistory = FromHistory,
    };

    /// <summary>The migrations as a goal.</summary>
    public MigrationGoal ToGoal() => new MigrationGoal.Exactly([.. Migrations.Where(m => m.Version > 0).Select(m => m.Version)], Migrations is [{ Version: > 0 } first, ..] ? first.Direction : MigrationDirection.Up)
    {
        WithRepeatables = Migrations.Any(m => m.Version == 0),
    };

    /// <summary>Refuses to go on where the database, its log or a file is not what the plan was made of.</summary>
    /// <param name="now">The same plan, made now.</param>
    /// <param name="identity">The database now.</param>
    /// <exception cref="HasuraMigrationException">PlanOutdated, with everything that moved.</exception>
    public void Require(MigrationPlan now, TargetIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(identity);
        RequireNothing(Moved(now, identity));
    }

    /// <summary>Refuses to go on where the seed files are not what the plan was made of. Files that were recorded since need not run.</summary>
    /// <param name="now">The plan of the seed files, made now.</param>
    /// <exception cref="HasuraMigrationException">PlanOutdated, with everything that moved.</exception>
    public void RequireSeeds(SeedPlan now)
    {
        var planned = (Seeds ?? []).ToDictionary(s => s.Path, s => s.Checksum, StringComparer.Ordinal);
        RequireNothing(EntriesOf(now).Where(s => planned.GetValueOrDefault(s.Path) != s.Checksum).Select(s => planned.ContainsKey(s.Path) ? $"the seed file {s.Path} changed" : $"the seed file {s.Path} was not part of it"));
    }

    private void RequireNothing(IEnumerable<string> reasons)
    {
        var moved = reasons.ToList();
        if (moved.Count > 0)
        {
            throw new HasuraMigrationException("PlanOutdated", $"The plan for database '{Database}' was not applied, because it no longer fits:", Database, lines: moved.Select(m => $"  {m}"))
            {
                Findings = [.. moved.Select(m => new Finding { Id = "PlanOutdated", Severity = FindingSeverity.Error, Message = $"{m}.", Database = Database })],
            };
        }
    }

    private IEnumerable<string> Moved(MigrationPlan now, TargetIdentity identity)
    {
        if ((identity.System, identity.Database) != (Identity.System, Identity.Database))
        {
            yield return $"it was made for the database {Identity.Database} of the system {Identity.System} ({Target}), and this is {identity.Database} of {identity.System}";
            yield break;
        }

        if (identity.Serial != Identity.Serial)
        {
            yield return $"the log of the database was at entry {Text(Identity.Serial)} and is at {Text(identity.Serial)}: something ran since";
        }

        var entries = Entries(now).ToDictionary(e => e.Key);
        foreach (var planned in Migrations)
        {
            if (!entries.Remove(planned.Key, out var entry))
            {
                yield return $"{planned.Title} is no longer to run";
                continue;
            }

            foreach (var file in planned.Steps.Keys.Union(entry.Steps.Keys).Order(StringComparer.Ordinal).Where(f => planned.Steps.GetValueOrDefault(f) != entry.Steps.GetValueOrDefault(f)))
            {
                yield return $"the file {file} of {planned.Title} changed";
            }

            if ((planned.Name, planned.Direction, planned.ResumeAfter) != (entry.Name, entry.Direction, entry.ResumeAfter))
            {
                yield return $"{planned.Title} would run in another way";
            }
        }

        foreach (var added in entries.Values)
        {
            yield return $"{added.Title} was not part of it";
        }
    }

    private static IReadOnlyList<MigrationEntry> Entries(MigrationPlan plan) =>
    [
        .. plan.All.Select(m => new MigrationEntry
        {
            Version = m.LoggedVersion,
            Name = m.Name,
            Direction = m.Direction,
            ResumeAfter = m.ResumeAfter,
            Steps = (m.IsRecordOnly ? m.Source?.Steps ?? [] : m.Steps.Select(s => s.Step)).ToDictionary(s => SourceStep.FileName(s.Kind), s => s.Checksum),
        }),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
