using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>The sample projects end as with psql; <see cref="CorpusServerCommand"/> runs the large ones, too.</summary>
public sealed class CorpusTests(CorpusRuns runs, ITestOutputHelper output) : IClassFixture<CorpusRuns>
{
    public static TheoryData<string> Names => CorpusCase.Root is null ? ["absent"] : [.. CorpusRuns.InSuite.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ProjectEndsAsWithPsql(string name)
    {
        SharedData.Needs(CorpusCase.Root is not null, "corpus");

        var result = await runs.ResultAsync(name);

        Assert.SkipWhen(result.Skipped is not null, result.Skipped ?? "");
        output.WriteLine($"{name}: {result.Applied} applied, {result.RolledBack} rolled back");
        Assert.True(result.Differences.Count == 0, string.Join(Environment.NewLine, result.Differences));
    }
}
