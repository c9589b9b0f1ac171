using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>The short form of the proof; <see cref="ExactlyOnceCommand"/> is the full one.</summary>
public sealed class ExactlyOnceTests(PostgresServer server, ITestOutputHelper output)
{
    private readonly FaultCases _cases = new(server, TimeSpan.FromSeconds(0.3), inChild: false);

    [Fact]
    public async Task KilledAtEachNamedPointTheNextRunCompletesWhatIsMissing() =>
        await ProveAsync([.. LongForm.Of(RunPoints.PointsReachedOnce.Concat(RunPoints.PointsReachedOften), 2).Select((p, i) => _cases.KillAt(p, 1, isDown: false, i % 2 == 0)), _cases.KillAfterCommit(isDown: false, hasState: true)]);

    [Fact]
    public async Task DisturbedAtAnyInstantEachVersionRunsOnce()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        TimeSpan Instant() => random.NextDouble() * _cases.Length;
        var cases = new List<FaultCase> { _cases.CutAfterCommit(isDown: false, hasState: true) };
        for (var i = 0; i < 4; i++)
        {
            cases.Add(_cases.KillAfter(Instant(), isDown: i == 3, hasState: i % 2 == 0));
            cases.Add(_cases.CutAfter(Instant(), isDown: i == 3, hasState: i % 2 == 0));
            cases.Add(_cases.TerminateAfter(i % 2 == 0 ? "work" : "lock", Instant(), isDown: i == 3, hasState: i % 2 == 0));
        }

        await ProveAsync(cases);
    }

    [Fact]
    public async Task MigrationsThatActOnMetadataRunOnceWithTheirMetadata()
    {
        var cases = new FaultCases(server, TimeSpan.FromSeconds(0.2), inChild: false, hasActions: true);
        await ProveAsync(
        [
            .. RunPoints.PointsOfActions.Select((p, i) => i % 2 == 0 ? cases.KillAt(p, 2, isDown: i % 4 == 0, hasState: true) : cases.CutAt(p, 2, isDown: i % 4 == 1, hasState: true)),
            cases.TerminateAfter("work", TimeSpan.FromMilliseconds(Random.Shared.Next(600)), isDown: false, hasState: true),
            cases.TerminateAfter("lock", TimeSpan.FromMilliseconds(Random.Shared.Next(600)), isDown: false, hasState: true),
            cases.TakeOverAt("between-migrations", 2, isCut: true, isDown: false, hasState: true),
        ]);
    }

    [Fact]
    [Trait("Case", "15")]
    public async Task WhatIsLostWithoutASignIsLookedUpAndDoneOnce() => await ProveAsync(
    [
        _cases.LoseAt("after-send", 1, isHalfOpen: true, isDown: false, hasState: true),
        _cases.LoseAt("no-transaction-after-statement", 1, isHalfOpen: false, isDown: true, hasState: false),
        _cases.CutAt("before-send", 1, isDown: false, hasState: false, delay: TimeSpan.FromMilliseconds(20)),
        new FaultCases(server, TimeSpan.FromSeconds(0.1), inChild: false, hasMetadata: true).EndMetadataAt("before-mirror", 1, isDown: false),
        new FaultCases(server, TimeSpan.FromSeconds(0.1), inChild: false, hasMetadata: true).EndMetadataAt("before-finish", 1, isDown: true),
    ]);

    [Fact]
    public async Task EightProcessesAtOnceDoTheWorkOnce() => await ProveAsync([_cases.AtOnce(8, 20)]);

    [Fact]
    public async Task RunThatLostItsLockLeavesWhatAnotherRunDid() =>
        await ProveAsync([.. RunPoints.TakeOverPoints.SelectMany((p, i) => new[] { _cases.TakeOverAt(p, 1, isCut: true, isDown: i % 2 == 0, hasState: true), _cases.TakeOverAt(p, 1, isCut: false, isDown: i % 2 == 1, hasState: false) })]);

    private async Task ProveAsync(IReadOnlyList<FaultCase> cases)
    {
        // Where there is no server the test is skipped; a case would take that for a failure.
        await server.ConnectionStringAsync();
        Assert.Empty(await ExactlyOnceCommand.RunAsync(cases, 5, output.WriteLine));
    }
}
