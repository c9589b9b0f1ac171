using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>
/// Every sample project through a server: <c>dotnet run --project tests/HasuraMigrations.Engine.Tests -- corpus-server</c>.
/// The schema must be the one that it has straight on the database and with psql. Exit code 1 if anything differs.
/// </summary>
internal static class CorpusServerCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "corpus-server";

    internal static async Task<int> MainAsync()
    {
        if (CorpusCase.Root is null)
        {
            Console.WriteLine("The sample projects are not beside the repository.");
            return 1;
        }

        await using var server = new PostgresServer();
        await using var runs = new CorpusRuns(server) { Cases = CorpusCase.All.Values, MostThroughServer = int.MaxValue };
        await runs.InitializeAsync();
        var failed = 0;
        foreach (var name in CorpusCase.All.Keys)
        {
            var result = await runs.ResultAsync(name);
            var words = result.Skipped is { } why ? $"skipped: {why}"
                : CorpusCase.All[name].Failure is not null && result.Differences.Count == 0 ? "fails as with psql"
                : result.Differences.Count == 0 ? $"{result.Applied} applied, the same schema" : string.Join("; ", result.Differences);
            Console.WriteLine($"{name}: {words}");
            failed += result.Differences.Count > 0 ? 1 : 0;
        }

        Console.WriteLine($"{CorpusCase.All.Count} cases, {failed} differ");
        return failed == 0 ? 0 : 1;
    }
}
