using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using static HasuraMigrations.Engine.Tests.Support.Plans;

namespace HasuraMigrations.Engine.Tests.Migrations;

public sealed class GoalTests
{
    /// <summary>Goal, applied versions of 1 to 5, versions of the plan (downs negative), ids of errors.</summary>
    public static TheoryData<MigrationGoal, long[], long[], string[]> Goals => new()
    {
        { new MigrationGoal.AllPending(), [], [1, 2, 3, 4, 5], [] },
        { new MigrationGoal.AllPending(), [1, 2], [3, 4, 5], [] },
        { new MigrationGoal.AllPending(), [1, 3, 5], [2, 4], [] },
        { new MigrationGoal.AllPending(), [1, 2, 3, 4, 5], [], [] },
        { new MigrationGoal.Next(2), [1], [2, 3], [] },
        { new MigrationGoal.Next(9), [1, 2, 3], [4, 5], [] },
        { new MigrationGoal.To(3), [1], [2, 3], [] },
        { new MigrationGoal.To(3), [1, 3], [2], [] },
        { new MigrationGoal.To(3), [1, 2, 3], [], [] },
        { new MigrationGoal.To(2), [1, 2, 4, 5], [-5, -4], [] },
        { new MigrationGoal.To(2), [1, 4], [], ["MigrationNotApplied"] },
        { new MigrationGoal.To(9), [1], [], ["MigrationNotFound"] },
        { new MigrationGoal.To(0), [1, 2], [-2, -1], [] },
        { new MigrationGoal.DownTo(2), [1, 2, 3, 5], [-5, -3], [] },
        { new MigrationGoal.DownTo(0), [1, 2], [-2, -1], [] },
        { new MigrationGoal.DownTo(0), [], [], [] },
        { new MigrationGoal.DownTo(4), [1], [], ["MigrationNotApplied"] },
        { new MigrationGoal.DownTo(9), [1], [], ["MigrationNotFound"] },
        { new MigrationGoal.Last(2), [1, 2, 4], [-4, -2], [] },
        { new MigrationGoal.Last(int.MaxValue), [1, 2], [-2, -1], [] },
        { new MigrationGoal.Last(1), [], [], [] },
        { new MigrationGoal.Exactly([4, 2, 4], MigrationDirection.Up), [1], [2, 4], [] },
        { new MigrationGoal.Exactly([1], MigrationDirection.Up), [1], [], ["MigrationAlreadyApplied"] },
        { new MigrationGoal.Exactly([9, 1, 2], MigrationDirection.Up), [1], [2], ["MigrationNotFound", "MigrationAlreadyApplied"] },
        { new MigrationGoal.Exactly([1, 3], MigrationDirection.Down), [1, 2, 3], [-3, -1], [] },
        { new MigrationGoal.Exactly([2, 9], MigrationDirection.Down), [1], [], ["MigrationNotApplied", "MigrationNotFound"] },
    };

    [Theory]
    [MemberData(nameof(Goals), DisableDiscoveryEnumeration = true)]
    public void Given_a_goal_the_right_versions_run_in_the_right_order(MigrationGoal goal, long[] applied, long[] versions, string[] errors)
    {
        var plan = Plan(Versions(1, 2, 3, 4, 5), Applied(applied), goal);

        Assert.Equal(versions, plan.Migrations.Select(m => m.Direction == MigrationDirection.Up ? m.Version : -m.Version));
        Assert.Equal(errors, plan.Ids(FindingSeverity.Error));
    }

    [Theory]
    [InlineData(3, FindingSeverity.Warning, "3 migrations were requested, but only 2 are pending.")]
    [InlineData(3, FindingSeverity.Error, "3 migrations were requested, but only 2 are pending.")]
    [InlineData(2, FindingSeverity.Error, null)]
    public void Given_a_count_that_is_not_reached_it_is_reported(int count, FindingSeverity severity, string? message)
    {
        var up = Plan(Versions(1, 2, 3), Applied(1), new MigrationGoal.Next(count, severity));
        var down = Plan(Versions(1, 2, 3), Applied(1, 2), new MigrationGoal.Last(count, severity));

        Assert.Equal(message, up.Findings.SingleOrDefault(f => f.Id == "MigrationsTooFew" && f.Severity == severity)?.Message);
        Assert.Equal(message?.Replace("pending", "applied"), down.Findings.SingleOrDefault(f => f.Id == "MigrationsTooFew" && f.Severity == severity)?.Message);
        Assert.Equal([2L, 3, 2, 1], up.Migrations.Concat(down.Migrations).Select(m => m.Version));
        Assert.Equal(["1 migration was requested, but none is applied."], Plan(Versions(1), Ledger(), new MigrationGoal.Last(1)).Findings.Where(f => f.Id == "MigrationsTooFew").Select(f => f.Message));
        Assert.DoesNotContain(Plan(Versions(1), Ledger(), new MigrationGoal.Last(int.MaxValue)).Findings, f => f.Id == "MigrationsTooFew");
    }

    [Fact]
    public void Given_a_version_without_an_up_it_is_never_pending_and_refused_by_name()
    {
        var source = Source((1, null, "SELECT 1;"), (2, "SELECT 2;", null));

        Assert.Equal([2L], Plan(source, Ledger()).Migrations.Select(m => m.Version));
        Assert.Equal(["UpMissing"], Plan(source, Ledger(), new MigrationGoal.Exactly([1], MigrationDirection.Up)).Ids(FindingSeverity.Error));
    }

    [Theory]
    [InlineData(false, FindingSeverity.Warning)]
    [InlineData(true, FindingSeverity.Error)]
    public void Given_a_gap_it_is_flagged_or_refused(bool reject, FindingSeverity severity)
    {
        var plan = Plan(Versions(1, 2, 3), Applied(1, 3), options: new PlanOptions { RejectOutOfOrder = reject });

        Assert.True(Assert.Single(plan.Migrations).IsOutOfOrder);
        Assert.Equal(["OutOfOrder"], plan.Ids(severity));
        Assert.Equal(["OutOfOrder"], plan.Migrations[0].Findings.Select(f => f.Id));
    }

    [Fact]
    public void Given_versions_of_19_digits_they_are_ordered_as_numbers()
    {
        var plan = Plan(Versions(long.MaxValue, 10, 9, 1_700_000_000_000), Ledger());

        Assert.Equal([9, 10, 1_700_000_000_000, long.MaxValue], plan.Migrations.Select(m => m.Version));
    }

    [Fact]
    public void Given_record_only_nothing_of_the_files_is_inspected()
    {
        var source = Source((1, "VACUUM;", null), (2, "SELECT 1;", null));

        var up = Plan(source, Ledger(), options: new PlanOptions { IsRecordOnly = true });
        var down = Plan(source, Applied(1, 2, 3), new MigrationGoal.DownTo(0), new PlanOptions { IsRecordOnly = true });

        Assert.All(up.Migrations, m => Assert.True(m is { IsRecordOnly: true, IsTransactional: true, Steps.Count: 0 }));
        Assert.Equal([3L, 2, 1], down.Migrations.Select(m => m.Version));
        Assert.Empty(up.Ids(FindingSeverity.Error).Concat(down.Ids(FindingSeverity.Error)));
    }
}
