namespace HasuraMigrations.Engine.Migrations;

/// <summary>What is applied on a database: history and Hasura's record, reconciled version by version.</summary>
public sealed class MigrationLedger
{
    private readonly Dictionary<long, LedgerEntry> _entries = [];
    private readonly List<Finding> _findings = [];
    private readonly List<long> _toAdopt = [];
    private readonly List<long> _toMirror = [];
    private readonly List<long> _toUnmirror = [];
    private readonly string _database;
    private readonly StateSnapshot _state;
    private IReadOnlyList<LedgerEntry> _ascending = [];
    private int _lost;

    private MigrationLedger(string database, TargetSnapshot snapshot, IReadOnlyList<Squash> squashes)
    {
        _database = database;
        Squashes = squashes;
        _state = snapshot.State;
        Snapshot = snapshot;
    }

    /// <summary>What it was made from.</summary>
    public TargetSnapshot Snapshot { get; }

    /// <summary>Files that replace applied versions whose files are gone.</summary>
    public IReadOnlyList<Squash> Squashes { get; }

    /// <summary>Every version that history or state know, ascending.</summary>
    public IReadOnlyCollection<LedgerEntry> Entries => _ascending;

    /// <summary>What was noticed while comparing.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Applied by Hasura's CLI and not in the history: taken over at the next write.</summary>
    public IReadOnlyList<long> ToAdopt => _toAdopt;

    /// <summary>In the history and not in the state: told to the state at the next write.</summary>
    public IReadOnlyList<long> ToMirror => _toMirror;

    /// <summary>Rolled back and still in the state: removed from the state at the next write.</summary>
    public IReadOnlyList<long> ToUnmirror => _toUnmirror;

    /// <summary>Applied versions, ascending.</summary>
    public IEnumerable<long> Applied => _ascending.Where(e => e.State == MigrationState.Applied).Select(e => e.Version);

    /// <summary>The entry of a version; null where nothing knows it.</summary>
    public LedgerEntry? Find(long version) => _entries.GetValueOrDefault(version);

    /// <summary>Compares history and state by the table in <c>docs/history-and-state.md</c>.</summary>
    /// <param name="database">Source name.</param>
    /// <param name="snapshot">History and state.</param>
    /// <param name="squashes">Squashes among the files; null where the files are not looked at.</param>
    public static MigrationLedger Reconcile(string database, TargetSnapshot snapshot, IReadOnlyList<Squash>? squashes = null)
    {
        var ledger = new MigrationLedger(database, snapshot, squashes ?? []);
        foreach (var row in snapshot.History)
        {
            ledger.Add(ledger.Judge(row));
        }

        // An old table stays in place when its versions are copied into a catalog state, and tells nothing of what was done since.
        if (!snapshot.State.FollowsTable || !snapshot.History.Any(r => r.Mirror is { Kind: StateStoreKind.Catalog }))
        {
            ledger.AddForeign(snapshot.State.Versions);
        }

        List<LedgerEntry> ascending = [.. ledger._entries.Values];
        ascending.Sort(static (a, b) => a.Version.CompareTo(b.Version));
        ledger._ascending = ascending;
        ledger.JudgeWhole();
        return ledger;
    }

    // Collections of numbers and pairs are compiled anew in each process, so that an empty one is not looked into.
    private void AddForeign(IReadOnlyDictionary<long, bool> versions)
    {
        if (versions.Count == 0)
        {
            return;
        }

        foreach (var (version, isDirty) in versions)
        {
            if (!_entries.ContainsKey(version))
            {
                Add(JudgeForeign(version, isDirty));
            }
        }
    }

    private bool Knows(HistoryRow row) => _state.Versions.ContainsKey(row.Version);

    private void Add(LedgerEntry entry) => _entries.Add(entry.Version, entry);

    private LedgerEntry Judge(HistoryRow row)
    {
        // Checked before the state: only resuming or a repair may end an interrupted run (docs/history-and-state.md).
        if (row.IsRunning)
        {
            Report("MigrationInterrupted", FindingSeverity.Warning, $"The {row.Direction.ToString().ToLowerInvariant()} step was interrupted after statement {row.FinishedStatements}.", row.Version);
            return Entry(row, MigrationState.Interrupted);
        }

        // The value is Hasura's dirty flag. Its CLI (1.x and 2.x) never sets it, so another tool left the version unfinished.
        if (_state.Versions.TryGetValue(row.Version, out var isDirty) && isDirty)
        {
            Report("MigrationDirty", FindingSeverity.Error, "Hasura's record marks the version as dirty: started, but not finished.", row.Version);
            return Entry(row, MigrationState.Dirty);
        }

        return row.Direction == MigrationDirection.Down ? JudgeRolledBack(row)
            : _state.Kind == StateStoreKind.None || Knows(row) ? JudgeKnown(row)
            : JudgeUnknownToState(row);
    }

    private LedgerEntry JudgeKnown(HistoryRow row)
    {
        // The state has the version, but the note in the history is of another store or missing. Without a new note, a later absence could
        // not be told from a version that was never written there.
        if (_state.Kind != StateStoreKind.None && row.Mirror != _state.AsMirror())
        {
            _toMirror.Add(row.Version);
        }

        return Entry(row, MigrationState.Applied);
    }

    private LedgerEntry JudgeRolledBack(HistoryRow row)
    {
        // The rollback is committed, but a state in another database was not told yet; the row stays until it is.
        _toUnmirror.Add(row.Version);
        return Entry(row, MigrationState.Pending);
    }

    private LedgerEntry JudgeUnknownToState(HistoryRow row)
    {
        // This very store was never told of the version, or has no entry for the source: its absence is no sign of a rollback.
        if (!_state.HasForgotten(row))
        {
            _lost += row.Mirror is null ? 0 : 1;
            return Rewritten(row);
        }

        // Hasura's CLI removes squashed versions from its record (2.0 and later, with --delete-source), which is no rollback.
        if (Squashes.Any(s => s.Replaced.Contains(row.Version)))
        {
            return Entry(row, MigrationState.Applied);
        }

        // A rollback by Hasura's CLI and an older copy of the catalog state written over a newer one look alike in the record. Only the
        // objects in the database tell them apart (docs/decisions/0010).
        var evidence = Snapshot.Evidence.GetValueOrDefault(row.Version) ?? new StepEvidence([], []);

        switch (evidence)
        {
            case { Found.Count: 0, Lacking.Count: > 0 }:
                Report("RolledBackElsewhere", FindingSeverity.Warning, $"Hasura's record no longer contains the version, and {evidence}: another tool rolled it back, so it is pending.", row.Version);
                return Entry(row, MigrationState.Pending);
            case { Found.Count: > 0, Lacking.Count: 0 }:
                Report("StateOverwritten", FindingSeverity.Warning, $"Hasura's record no longer contains the version, but {evidence}: another client overwrote the record. The next write adds the version again.", row.Version);
                return Rewritten(row);
            default:
                Report("StateInDoubt", FindingSeverity.Warning, $"Hasura's record no longer contains the version, which was written to it, and {evidence}.", row.Version, InDoubtAction(row.Version));
                return Entry(row, MigrationState.InDoubt);
        }
    }

    private LedgerEntry Rewritten(HistoryRow row)
    {
        _toMirror.Add(row.Version);
        return Entry(row, MigrationState.Applied);
    }

    /// <summary>How a version in doubt is settled.</summary>
    internal static string InDoubtAction(long version) =>
        $"Find out whether it was rolled back, then run Repair-HasuraMigration -Version {version} -As RolledBack, or -As Applied if its effects are in the database.";

    private LedgerEntry JudgeForeign(long version, bool isDirty)
    {
        if (isDirty)
        {
            Report("MigrationDirty", FindingSeverity.Error, "Hasura's record marks the version as dirty: started, but not finished.", version);
            return new LedgerEntry(version, MigrationState.Dirty, null, MigrationOrigin.Hasura);
        }

        if (Snapshot.Traits.KeepsHistory)
        {
            _toAdopt.Add(version);
        }

        return new LedgerEntry(version, MigrationState.Applied, null, MigrationOrigin.Hasura);
    }

    private void JudgeWhole()
    {
        if (!Snapshot.Traits.KeepsHistory)
        {
            Report("HistoryNotKept", FindingSeverity.Information, $"A source of the kind {Snapshot.Traits.Kind} has no history: only Hasura's record shows what is applied, and the outcome of a request whose response was lost cannot be determined.");
        }

        if (_state.Kind == StateStoreKind.None && Snapshot.History.Any(r => r.Mirror is not null))
        {
            Report("StateStoreMissing", FindingSeverity.Warning, "Hasura's record, which contained versions before, was not found; only the history is kept.", action: "Specify Hasura's metadata database with -MetadataConnectionString if it is a different one, or let the server create its catalog again.");
        }
        else if (_state.Kind == StateStoreKind.None && Snapshot.NotSearched.Count > 0)
        {
            // Without history of ours, what Hasura's CLI applied would run a second time.
            var (id, severity) = Snapshot.History.Count == 0
                ? ("StateStoreUnreachable", FindingSeverity.Error)
                : ("StateStoreMissing", FindingSeverity.Warning);
            Report(id, severity, $"Hasura's record was not found, and some databases could not be checked: {string.Join(" ", Snapshot.NotSearched)}", action: "Specify Hasura's metadata database with -MetadataConnectionString; if there is none, specify the database itself.");
        }
        else if (_state.Kind == StateStoreKind.None)
        {
            Report("StateStoreMissing", FindingSeverity.Information, _state.FollowsTable
                ? "Hasura's catalog state was not found; the history is kept, and the table hdb_catalog.schema_migrations in this database."
                : "The database contains no record of Hasura; only the history is kept. Hasura's record is written after Hasura has created its catalog.");
        }
        else if (_lost > 0)
        {
            Report("StateRewritten", FindingSeverity.Warning, $"Hasura's record has lost its entry for this database, or is a different one than before: it lacks {_lost} applied version(s) that were recorded there. The next write adds them.");
        }
        else if (_toMirror.Count(v => !_state.Versions.ContainsKey(v) && !_state.HasForgotten(_entries[v].Row!)) is > 0 and var lacking)
        {
            // Forgotten versions have findings of their own.
            Report("StateRewritten", FindingSeverity.Information, $"Hasura's record lacks {lacking} applied version(s); the next write adds them.");
        }

        foreach (var squash in Squashes)
        {
            Report("MigrationSquashed", FindingSeverity.Warning, squash.Message, squash.Version, squash.Action);
        }

        if (_toAdopt.Count > 0)
        {
            Report("AppliedByHasura", FindingSeverity.Information, $"{_toAdopt.Count} version(s) were applied by Hasura's own tools; the next write adds them to the history.");
        }

        // Hasura's CLI refuses to apply in this mode too: its console then changes the server without writing migrations.
        if (!_state.IsMigrationModeOn)
        {
            Report("MigrationModeOff", FindingSeverity.Error, StateSnapshot.ModeOff);
        }
    }

    private static LedgerEntry Entry(HistoryRow row, MigrationState state) => new(row.Version, state, row, row.Origin);

    private void Report(string id, FindingSeverity severity, string message, long? version = null, string? action = null) =>
        _findings.Add(new Finding { Id = id, Severity = severity, Message = message, Database = _database, Version = version, RecommendedAction = action });
}
