using System.Diagnostics;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>
/// Every sample project with actions on metadata, up and down: <c>dotnet run --project tests/HasuraMigrations.Engine.Tests --
/// corpus-yaml [filter]</c>. Straight on databases with each kind of catalog and without one, and through a server of
/// version 1, the metadata must be the same. Exit code 1 if anything differs.
/// </summary>
internal static class CorpusYamlCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "corpus-yaml";

    internal static async Task<int> MainAsync(string[] args)
    {
        await using var server = new PostgresServer();
        var failed = 0;
        var projects = YamlExpectations.All.Values.Where(e => args.Length == 0 || e.Name.Contains(args[0], StringComparison.Ordinal)).ToList();
        foreach (var project in projects)
        {
            var wrong = await RunAsync(server, project, Enum.GetValues<YamlPlaceKind>(), Console.WriteLine);
            failed += wrong.Count > 0 ? 1 : 0;
            wrong.ToList().ForEach(Console.WriteLine);
        }

        Console.WriteLine($"{projects.Count} projects, {failed} differ");
        return failed == 0 && projects.Count > 0 ? 0 : 1;
    }

    /// <summary>Runs a project in several places; what is not as it should be.</summary>
    internal static async Task<IReadOnlyList<string>> RunAsync(PostgresServer server, YamlExpectations project, IReadOnlyList<YamlPlaceKind> places, Action<string> print)
    {
        var wrong = new List<string>();
        YamlRun? first = null;
        foreach (var kind in places)
        {
            var clock = Stopwatch.StartNew();
            await using var place = await YamlPlace.OpenAsync(server, kind);
            var run = await YamlRun.OfAsync(project.Name, place);
            print($"{project.Name} on {kind}: {run.Applied} applied, {run.FailedUps.Count} refused, {run.Differences.Count} differences from its file; {run.RolledBack} rolled back, {run.FailedDowns.Count} cannot be, {run.Left.Count} tables left; {clock.Elapsed.TotalSeconds:N1} s");
            wrong.AddRange(project.Judge(run).Select(w => $"{kind}: {w}"));
            first ??= run;
            wrong.AddRange(MetadataComparer.Compare(first.Metadata, run.Metadata).Select(c => $"{kind}: {c}"));
            wrong.AddRange(first.FailedDowns.Keys.Except(run.FailedDowns.Keys).Concat(run.FailedDowns.Keys.Except(first.FailedDowns.Keys))
                .Select(v => $"{kind}: down of {v}: {run.FailedDowns.GetValueOrDefault(v, "done")}, before: {first.FailedDowns.GetValueOrDefault(v, "done")}"));
        }

        return wrong;
    }
}
