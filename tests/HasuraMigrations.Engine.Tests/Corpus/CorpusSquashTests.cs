using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>Squashes of the sample projects are proven equal; <see cref="CorpusSquashCommand"/> proves those of all, and more ranges.</summary>
public sealed class CorpusSquashTests(ITestOutputHelper output)
{
    // One for each config version, with SQL, actions, or both.
    private static readonly string[] Short = ["wide-grip-wide-grip", "andrewMacmurray-realworld-hasura", "UWFlow-uwflow"];

    public static TheoryData<string> Names => CorpusCase.Root is null ? ["absent"] : [.. CorpusCase.All.Values.Where(c => LongForm.IsOn ? !c.IsLarge : Short.Contains(c.Project)).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_squash_of_all_is_proven_equal_or_says_why_it_cannot_be(string name)
    {
        SharedData.Needs(CorpusCase.Root is not null, "corpus");
        await PostgresServer.NeedsDumpAsync();

        await foreach (var squash in CorpusSquashCommand.RunAsync(CorpusCase.All[name], [CorpusSquashCommand.Ranges(CorpusCase.All[name], 1)[0]]))
        {
            output.WriteLine($"{squash.Range}: {squash.Problem ?? "proven"}{squash.Note}");
            Assert.False(squash.IsWrong, squash.Problem);
            Assert.True(squash.Problem is null || LongForm.IsOn, squash.Problem);
        }
    }
}
