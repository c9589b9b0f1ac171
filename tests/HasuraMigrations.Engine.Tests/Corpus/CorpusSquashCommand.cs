using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Squashing;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>What became of the squash of a range.</summary>
/// <param name="Range">Which range.</param>
/// <param name="Problem">Why it was not proven; null where it was.</param>
/// <param name="Note">What was noticed.</param>
/// <param name="IsWrong">True where the squash is at fault.</param>
internal sealed record CorpusSquash(string Range, string? Problem, string Note, bool IsWrong);

/// <summary>
/// Squashes every sample project: all migrations, the first half, and three ranges at random, and proves that each squashed migration does
/// what its range does: <c>dotnet run --project tests/HasuraMigrations.Engine.Tests -- corpus-squash [seed] [filter]</c>. Exit code 1 if a
/// squash is at fault: it fails, or leads to another database or other metadata.
/// </summary>
internal static class CorpusSquashCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "corpus-squash";

    private const int RandomRanges = 3;

    // Of a project with more of them, nothing is left to prove without them.
    private const int MostFailing = 10;

    internal static async Task<int> MainAsync(string[] args)
    {
        if (CorpusCase.Root is null)
        {
            Console.WriteLine("The sample projects are not beside the repository.");
            return 1;
        }

        var seed = args.Length > 0 ? int.Parse(args[0]) : 1;
        var cases = CorpusCase.All.Values.Where(c => args.Length < 2 || c.Name.Contains(args[1], StringComparison.Ordinal)).ToList();
        List<CorpusSquash> all = [];
        Console.WriteLine($"seed {seed}");
        foreach (var sample in cases)
        {
            await foreach (var squash in RunAsync(sample, Ranges(sample, seed)))
            {
                Console.WriteLine($"{sample.Name}: {squash.Range}: {squash.Problem ?? "proven"}{squash.Note}");
                all.Add(squash);
            }
        }

        Console.WriteLine($"{cases.Count} cases, {all.Count} ranges: {all.Count(s => s.Problem is null)} proven equal, {all.Count(s => s is { Problem: not null, IsWrong: false })} refused or not provable, {all.Count(s => s.IsWrong)} wrong");
        return all.Any(s => s.IsWrong) ? 1 : 0;
    }

    /// <summary>All migrations, the first half, and some ranges at random; fewer for a project with few migrations.</summary>
    internal static IReadOnlyList<(string Name, int From, int To)> Ranges(CorpusCase sample, int seed)
    {
        using var project = CorpusProject.OpenWhole(sample);
        var count = Without(Failing(sample), project.Scan(sample.Database)).Migrations.Count;
        var random = new Random(seed);
        List<(string Name, int From, int To)> ranges = [("all", 0, count - 1), ("first half", 0, (count / 2) - 1)];
        for (var i = 0; i < RandomRanges && count > 2; i++)
        {
            var from = random.Next(count - 1);
            ranges.Add(("at random", from, random.Next(from + 1, count)));
        }

        return [.. ranges.Where(r => r.To > r.From).DistinctBy(r => (r.From, r.To))];
    }

    /// <summary>Squashes ranges of a project.</summary>
    internal static async IAsyncEnumerable<CorpusSquash> RunAsync(CorpusCase sample, IReadOnlyList<(string Name, int From, int To)> ranges)
    {
        using var whole = CorpusProject.OpenWhole(sample);
        var project = whole.OpenProject();
        var database = project.Database(sample.Database);
        var failing = Failing(sample);
        var source = Without(failing, MigrationSource.Scan(project, database));
        foreach (var (name, from, to) in ranges)
        {
            var (first, last) = (source.Migrations[from].Version, source.Migrations[to].Version);
            var clock = Stopwatch.StartNew();
            var (problem, note, isWrong) = await SquashAsync(sample, project, database, source, new SquashOptions(first, last, "squashed") { AllowEmptyDown = true });
            yield return new CorpusSquash($"{name}, {to - from + 1} migrations {first} to {last}", problem, $"{note}{(failing.Count > 0 ? $"; without {failing.Count} that fail by themselves" : "")} ({clock.Elapsed.TotalSeconds:N1} s)", isWrong);
        }
    }

    private static async Task<(string? Problem, string Note, bool IsWrong)> SquashAsync(CorpusCase sample, HasuraProject project, ProjectDatabase database, MigrationSource source, SquashOptions options)
    {
        try
        {
            var plan = new SquashPlanner(database, source, options, TimeProvider.System).Make();
            var proven = await new SquashProof(new ProofOptions(SetupSql: Setup(sample)), project.ConfigVersion, _ => { }).ProveAsync(plan, database.Name, CancellationToken.None);
            return (null, string.Concat(plan.Findings.Concat(proven.Findings).Where(f => f.Id is not ("DownMissing" or "DownEmpty")).Select(f => $"; {f.Id}: {f.Message}")), false);
        }
        catch (HasuraMigrationException e)
        {
            return ($"{e.ErrorId}: {e.Message} {string.Join(' ', e.Findings.Take(2).Select(f => $"{Path.GetFileName(Path.GetDirectoryName(f.File))}:{f.Line} {f.Message}"))}", "", e.ErrorId is "SquashNotEqual" or "SquashSqlAmbiguous" || e.Findings.Any(f => f.Id.StartsWith("Squash", StringComparison.Ordinal) && f.Id != "SquashNoTransaction"));
        }
    }

    /// <summary>Migrations that fail when they are applied one by one, so that nothing can be proven of a range with them.</summary>
    private static HashSet<long> Failing(CorpusCase sample)
    {
        var failing = sample.ConfigVersion == 1
            ? YamlExpectations.All[sample.Project].FailingUps
            : sample.Expected.TryGetProperty("failingWhenContinuing", out var list) && list.ValueKind == System.Text.Json.JsonValueKind.Array ? [.. list.EnumerateArray().Select(f => long.Parse(f.GetProperty("version").GetString()!))] : [];
        return failing.Count <= MostFailing ? [.. failing] : [];
    }

    private static MigrationSource Without(HashSet<long> versions, MigrationSource source) =>
        new(source.Database, source.Migrations.Where(m => !versions.Contains(m.Version)), source.Findings);

    private static string? Setup(CorpusCase sample) => sample.Expected.GetProperty("prerequisites").GetString() switch
    {
        "none" => null,
        "pgcrypto" => "CREATE EXTENSION pgcrypto",
        _ => File.ReadAllText(Path.Combine(sample.Directory, "prerequisites.sql")),
    };
}
