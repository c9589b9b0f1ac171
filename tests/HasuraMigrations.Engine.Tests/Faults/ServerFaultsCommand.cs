using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>
/// The full proof over a server: <c>dotnet run --project tests/HasuraMigrations.Engine.Tests -- server-faults [runs] [filter]</c>,
/// 100 runs of each case unless said otherwise. Exit code 1 if anything failed.
/// </summary>
internal static class ServerFaultsCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "server-faults";

    internal static async Task<int> MainAsync(string[] args)
    {
        var runs = args.Length > 0 ? int.Parse(args[0]) : 100;
        await using var server = new PostgresServer();
        var cases = new ServerFaultCases(server, runs).All().Where(c => args.Length < 2 || c.Name.Contains(args[1], StringComparison.Ordinal)).ToList();
        var failed = await ExactlyOnceCommand.RunAsync(cases, 4, Console.WriteLine);
        Console.WriteLine($"{cases.Count} cases, {cases.Count - failed.Count} proved, {failed.Count} failed");
        return failed.Count == 0 ? 0 : 1;
    }
}
