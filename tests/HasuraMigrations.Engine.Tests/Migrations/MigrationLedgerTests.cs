using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using static HasuraMigrations.Engine.Tests.Support.Plans;

namespace HasuraMigrations.Engine.Tests.Migrations;

public sealed class MigrationLedgerTests
{
    private static readonly Guid Here = Guid.Parse("00000000-0000-0000-0000-000000000001");

    [Theory]
    [InlineData(StateStoreKind.Table)]
    [InlineData(StateStoreKind.Catalog)]
    public void Given_both_know_it_it_is_applied(StateStoreKind kind)
    {
        var state = State(kind, 1);

        var ledger = Ledger(state, Told(1, state));

        Expect(ledger, MigrationState.Applied);
        Assert.Empty(ledger.Findings);
        Assert.Empty(ledger.ToMirror);
    }

    public static TheoryData<StateStoreKind, string, string, MigrationState, string> Evidence
    {
        get
        {
            var rows = new TheoryData<StateStoreKind, string, string, MigrationState, string>();
            foreach (var kind in new[] { StateStoreKind.Table, StateStoreKind.Catalog })
            {
                rows.Add(kind, "", "table a", MigrationState.Pending, "RolledBackElsewhere");
                rows.Add(kind, "table a", "", MigrationState.Applied, "StateOverwritten");
                rows.Add(kind, "table a", "table b", MigrationState.InDoubt, "StateInDoubt");
                rows.Add(kind, "", "", MigrationState.InDoubt, "StateInDoubt");
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Evidence))]
    public void Given_the_store_has_forgotten_it_what_is_in_the_database_decides(StateStoreKind kind, string found, string lacking, MigrationState expected, string id)
    {
        foreach (long[] others in new long[][] { [], [2] })
        {
            var state = State(kind, others);
            static string[] Names(string text) => text.Length == 0 ? [] : [text];
            var snapshot = new TargetSnapshot(true, [Told(1, state)], state) { Evidence = new Dictionary<long, StepEvidence> { [1] = new(Names(found), Names(lacking)) } };

            var ledger = MigrationLedger.Reconcile("default", snapshot);

            Expect(ledger, expected, id, FindingSeverity.Warning);
            Assert.Contains(found + lacking, ledger.Findings.First(f => f.Id == id).Message.Replace(") and some does not (", "", StringComparison.Ordinal));
            Assert.Equal(expected == MigrationState.Applied ? [1L] : [], ledger.ToMirror);
            Assert.Equal(expected == MigrationState.Pending, ledger.Find(1)!.IsRowStale);
        }
    }

    [Theory]
    [InlineData(StateStoreKind.Table)]
    [InlineData(StateStoreKind.Catalog)]
    public void Given_the_store_has_no_entry_at_all_it_is_applied_and_written_again_with_a_warning(StateStoreKind kind)
    {
        var state = State(kind) with { IsMissing = true };

        var ledger = Ledger(state, Told(1, state));

        Expect(ledger, MigrationState.Applied, "StateRewritten", FindingSeverity.Warning);
        Assert.Equal([1L], ledger.ToMirror);
    }

    [Fact]
    public void Given_the_store_is_gone_history_alone_counts()
    {
        var ledger = Ledger(NoState, Told(1, State(StateStoreKind.Table, 1)));

        Expect(ledger, MigrationState.Applied, "StateStoreMissing", FindingSeverity.Warning);
        Assert.Empty(ledger.ToMirror);
    }

    [Fact]
    public void Given_another_instance_or_kind_or_source_was_told_the_state_is_written()
    {
        var state = State(StateStoreKind.Catalog, 2);
        foreach (var other in new[] { State(StateStoreKind.Table, 1), state with { InstanceId = Guid.NewGuid() }, state with { Source = "other" } })
        {
            var ledger = Ledger(state, Told(1, other), Told(2, other));

            Expect(ledger, MigrationState.Applied, "StateRewritten", FindingSeverity.Warning);
            Assert.Equal([1L, 2], ledger.ToMirror);
        }
    }

    [Theory]
    [InlineData(StateStoreKind.Table)]
    [InlineData(StateStoreKind.Catalog)]
    public void Given_a_row_that_was_never_mirrored_it_is_applied_and_written(StateStoreKind kind)
    {
        var ledger = Ledger(State(kind, 2), Row(1));

        Expect(ledger, MigrationState.Applied, "StateRewritten", FindingSeverity.Information);
        Assert.Equal([1L], ledger.ToMirror);
        Assert.Equal([2L], ledger.ToAdopt);
    }

    [Theory]
    [InlineData(MigrationDirection.Up, false)]
    [InlineData(MigrationDirection.Down, false)]
    [InlineData(MigrationDirection.Up, true)]
    public void Given_a_running_row_it_is_interrupted_whatever_the_state_says(MigrationDirection direction, bool isDirty)
    {
        var state = State(StateStoreKind.Table, 1) with { Versions = new Dictionary<long, bool> { [1] = isDirty } };

        var ledger = Ledger(state, Row(1, direction, isRunning: true));

        Expect(ledger, MigrationState.Interrupted, "MigrationInterrupted", FindingSeverity.Warning);
    }

    [Fact]
    public void Given_a_dirty_version_it_is_refused_with_and_without_history()
    {
        var state = State(StateStoreKind.Table, 1) with { Versions = new Dictionary<long, bool> { [1] = true } };

        Expect(Ledger(state, Row(1)), MigrationState.Dirty, "MigrationDirty", FindingSeverity.Error);
        Expect(Ledger(state), MigrationState.Dirty, "MigrationDirty", FindingSeverity.Error);
        Assert.Empty(Ledger(state).ToAdopt);
    }

    [Fact]
    public void Given_only_the_state_has_it_hasura_applied_it_and_it_is_adopted()
    {
        foreach (var isCopyPending in new[] { false, true })
        {
            var ledger = Ledger(State(StateStoreKind.Catalog, 1) with { IsCopyPending = isCopyPending });

            Expect(ledger, MigrationState.Applied, "AppliedByHasura", FindingSeverity.Information);
            Assert.Equal(MigrationOrigin.Hasura, ledger.Find(1)!.Origin);
            Assert.Null(ledger.Find(1)!.Row);
            Assert.Equal([1L], ledger.ToAdopt);
        }
    }

    [Theory]
    [InlineData(StateStoreKind.Table, true)]
    [InlineData(StateStoreKind.Catalog, true)]
    [InlineData(StateStoreKind.Catalog, false)]
    public void Given_a_row_that_was_rolled_back_the_state_is_told(StateStoreKind kind, bool stillThere)
    {
        var ledger = Ledger(stillThere ? State(kind, 1) : State(kind), Row(1, MigrationDirection.Down));

        Expect(ledger, MigrationState.Pending);
        Assert.Equal([1L], ledger.ToUnmirror);
        Assert.Empty(ledger.ToAdopt);
        Assert.Empty(ledger.Applied);
    }

    [Fact]
    public void Given_migration_mode_off_it_is_an_error()
    {
        var ledger = Ledger(State(StateStoreKind.Table) with { IsMigrationModeOn = false });

        Assert.Equal(("MigrationModeOff", FindingSeverity.Error), (ledger.Findings[0].Id, ledger.Findings[0].Severity));
    }

    [Fact]
    public void Given_no_history_and_no_state_nothing_is_applied()
    {
        var ledger = Ledger();

        Assert.Empty(ledger.Entries);
        Assert.Null(ledger.Find(1));
        Assert.Equal("StateStoreMissing", Assert.Single(ledger.Findings).Id);
    }

    [Theory]
    [Trait("Case", "11.5")]
    [InlineData(false, "StateStoreUnreachable", FindingSeverity.Error)]
    [InlineData(true, "StateStoreMissing", FindingSeverity.Warning)]
    public void A_state_that_could_not_be_looked_for_everywhere_refuses_the_first_run(bool hasHistory, string id, FindingSeverity expected)
    {
        HistoryRow[] rows = hasHistory ? [Row(1)] : [];
        var snapshot = new TargetSnapshot(hasHistory, rows, NoState) { NotSearched = ["It cannot be reached."] };

        var finding = Assert.Single(MigrationLedger.Reconcile("default", snapshot).Findings);

        Assert.Equal((id, expected), (finding.Id, finding.Severity));
        Assert.Contains("It cannot be reached.", finding.Message);
        Assert.Contains("-MetadataConnectionString", finding.RecommendedAction);
    }

    private static void Expect(MigrationLedger ledger, MigrationState state, string? id = null, FindingSeverity? severity = null)
    {
        Assert.Equal(state, ledger.Find(1)!.State);
        if (id is not null)
        {
            Assert.Equal(severity, ledger.Findings.First(f => f.Id == id).Severity);
        }
    }

    private static StateSnapshot State(StateStoreKind kind, params long[] versions) => new()
    {
        Kind = kind,
        IsInTargetDatabase = kind == StateStoreKind.Table,
        Source = kind == StateStoreKind.Table ? "" : "default",
        InstanceId = kind == StateStoreKind.Table ? null : Here,
        Versions = versions.ToDictionary(v => v, _ => false),
    };

    private static HistoryRow Told(long version, StateSnapshot state) => Row(version) with { Mirror = state.AsMirror() };
}
