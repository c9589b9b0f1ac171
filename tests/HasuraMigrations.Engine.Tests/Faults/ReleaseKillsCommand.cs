using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>
/// The full proof that a release that was killed is completed by the next one: <c>dotnet run --project tests/HasuraMigrations.Engine.Tests
/// -- release-kills [seed] [filter]</c>, at each named point and at 30 instants, directly and through a server. Exit code 1 if anything failed.
/// </summary>
internal static class ReleaseKillsCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "release-kills";

    private const int Instants = 30;

    // The migrations mostly sleep, so that several cases fit on few cores.
    private const int Parallel = 4;

    internal static async Task<int> MainAsync(string[] args)
    {
        var seed = args.Length > 0 ? int.Parse(args[0]) : Random.Shared.Next();
        var random = new Random(seed);
        await using var server = new PostgresServer();
        var proof = new ReleaseProof(server, TimeSpan.FromSeconds(0.5));
        FaultCase[] cases =
        [
            .. ReleaseProof.Points.Select(p => proof.KillAt(p, isServer: false)),
            .. new[] { "between-migrations", "before-send", "after-answer" }.Select(p => proof.KillAt(p, isServer: false, occurrence: 2)),
            .. ReleaseProof.ServerPoints.Select(p => proof.KillAt(p, isServer: true)),
            .. Enumerable.Range(0, Instants).Select(i => proof.KillAfter(random.NextDouble() * proof.Length, isServer: i % 5 == 4)),
        ];
        var chosen = cases.Where(c => args.Length < 2 || c.Name.Contains(args[1], StringComparison.Ordinal)).ToList();
        var failed = await ExactlyOnceCommand.RunAsync(chosen, Parallel, Console.WriteLine);
        Console.WriteLine($"seed {seed}: {chosen.Count} cases, {chosen.Count - failed.Count} proved, {failed.Count} failed");
        return failed.Count == 0 ? 0 : 1;
    }
}
