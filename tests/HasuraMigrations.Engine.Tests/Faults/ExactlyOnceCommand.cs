using System.Diagnostics;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>
/// The full proof that each migration runs exactly once: <c>dotnet run --project tests/HasuraMigrations.Engine.Tests --
/// exactly-once [seed] [filter]</c>. Prints the seed, a line per case and a summary; exit code 1 if anything failed.
/// </summary>
internal static class ExactlyOnceCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "exactly-once";

    // The migrations mostly sleep, so that many cases fit on few cores.
    private const int Parallel = 14;

    internal static async Task<int> MainAsync(string[] args)
    {
        var seed = args.Length > 0 ? int.Parse(args[0]) : Random.Shared.Next();
        Console.WriteLine($"seed {seed}");
        await using var server = new PostgresServer();
        var cases = Cases(server, new Random(seed)).Where(c => args.Length < 2 || c.Name.Contains(args[1], StringComparison.Ordinal)).ToList();
        var failed = await RunAsync(cases, Parallel, Console.WriteLine);
        Console.WriteLine($"seed {seed}: {cases.Count} cases, {cases.Count - failed.Count} proved, {failed.Count} failed");
        return failed.Count == 0 ? 0 : 1;
    }

    /// <summary>Runs cases side by side; returns those that failed, with why.</summary>
    internal static async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<FaultCase> cases, int parallel, Action<string> print)
    {
        var failed = new List<string>();
        var gate = new Lock();
        await System.Threading.Tasks.Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (one, _) =>
        {
            var clock = Stopwatch.StartNew();
            CaseResult result;
            try
            {
                result = await one.RunAsync();
            }
            catch (Exception e)
            {
                result = new CaseResult([e.ToString()], "");
            }

            lock (gate)
            {
                print($"{(result.Flaws.Count == 0 ? "ok  " : "FAIL")} {clock.Elapsed.TotalSeconds,6:N1} s  {one.Name}  {result.Note}");
                foreach (var flaw in result.Flaws)
                {
                    print($"       {flaw}");
                }

                if (result.Flaws.Count > 0)
                {
                    failed.Add($"{one.Name}: {string.Join("; ", result.Flaws)}");
                }
            }
        });
        return failed;
    }

    private static IEnumerable<FaultCase> Cases(PostgresServer server, Random random)
    {
        var cases = new FaultCases(server, TimeSpan.FromSeconds(3), inChild: true);
        var often = RunPoints.PointsReachedOften;
        List<(string Point, int Occurrence)> points = [.. RunPoints.PointsReachedOnce.Select(p => (p, 1)), .. often.Select(p => (p, 1)), .. often.Select(p => (p, 2))];
        var turn = 0;
        bool HasState() => ++turn % 2 == 0;
        TimeSpan Instant() => random.NextDouble() * cases.Length;

        yield return cases.AtOnce(8, 50);
        foreach (var (point, occurrence) in points)
        {
            yield return cases.KillAt(point, occurrence, isDown: false, HasState());
        }

        for (var i = 0; i < 50; i++)
        {
            yield return cases.KillAfter(Instant(), isDown: false, HasState());
            yield return cases.TerminateAfter(i % 2 == 0 ? "work" : "lock", Instant(), isDown: false, HasState());
            var (point, occurrence) = points[(i / 2) % points.Count];
            yield return i % 2 == 0 ? cases.CutAfter(Instant(), isDown: false, HasState()) : cases.CutAt(point, occurrence, isDown: false, HasState());
        }

        for (var i = 0; i < 4; i++)
        {
            yield return cases.KillAfterCommit(isDown: i % 2 == 1, HasState());
            yield return cases.CutAfterCommit(isDown: i % 2 == 1, HasState());
        }

        foreach (var point in RunPoints.TakeOverPoints)
        {
            for (var i = 0; i < 4; i++)
            {
                yield return cases.TakeOverAt(point, 1 + random.Next(2), isCut: i % 2 == 0, isDown: i > 1, HasState());
            }
        }

        var actions = new FaultCases(server, TimeSpan.FromSeconds(3), inChild: true, hasActions: true);
        for (var i = 0; i < 20; i++)
        {
            var point = RunPoints.PointsOfActions[i % RunPoints.PointsOfActions.Length];
            yield return actions.KillAt(point, 1 + (i % 3), isDown: i % 2 == 1, hasState: true);
            yield return actions.CutAt(point, 1 + (i % 3), isDown: i % 2 == 1, hasState: true);
            yield return actions.KillAfter(Instant(), isDown: i % 2 == 1, hasState: true);
            yield return actions.CutAfter(Instant(), isDown: i % 2 == 1, hasState: true);
            yield return actions.TerminateAfter(i % 2 == 0 ? "work" : "lock", Instant(), isDown: i % 4 == 1, hasState: true);
        }

        foreach (var (point, index) in RunPoints.PointsOfSilence.Select((p, i) => (p, i)))
        {
            yield return cases.LoseAt(point, 1, isHalfOpen: false, isDown: index % 4 == 3, HasState());
            yield return cases.LoseAt(point, 1, isHalfOpen: true, isDown: index % 4 == 1, HasState());
            yield return cases.CutAt(point, 1, isDown: index % 4 == 2, HasState(), delay: TimeSpan.FromMilliseconds(20));
        }

        var elsewhere = new FaultCases(server, TimeSpan.FromSeconds(1), inChild: true, hasMetadata: true);
        foreach (var (point, index) in RunPoints.PointsOfMetadata.Select((p, i) => (p, i)))
        {
            yield return elsewhere.EndMetadataAt(point, 1, isDown: index % 2 == 1);
            yield return elsewhere.EndMetadataAt(point, 1, isDown: index % 2 == 0);
            yield return elsewhere.CutAt(point, 1, isDown: index % 2 == 0, hasState: false);
            yield return elsewhere.KillAt(point, 1, isDown: index % 2 == 1, hasState: false);
            yield return elsewhere.KillAfter(random.NextDouble() * elsewhere.Length, isDown: index % 2 == 0, hasState: false);
        }

        for (var i = 0; i < 10; i++)
        {
            yield return cases.KillAfter(Instant(), isDown: true, HasState());
            yield return cases.CutAfter(Instant(), isDown: true, HasState());
            yield return cases.TerminateAfter(i % 2 == 0 ? "work" : "lock", Instant(), isDown: true, HasState());
            yield return cases.KillAt(often[random.Next(often.Length)], 1 + (i % 2), isDown: true, HasState());
        }
    }
}
