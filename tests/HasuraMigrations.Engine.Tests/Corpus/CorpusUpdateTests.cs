using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>Sample projects are the same after their update; <see cref="CorpusUpdateCommand"/> updates all of them.</summary>
public sealed class CorpusUpdateTests(PostgresServer server, ITestOutputHelper output)
{
    // SQL and actions in one version, actions alone, and config version 2 with directories of its own.
    private static readonly string[] Short = ["wide-grip-wide-grip", "hasura-graphql-engine-realtime-chat", "andrewMacmurray-realworld-hasura"];

    public static TheoryData<string> Names => CorpusCase.Root is null ? ["absent"] : [.. CorpusCase.All.Values.Where(c => c.ConfigVersion < 3 && (LongForm.IsOn ? !c.IsLarge : Short.Contains(c.Project))).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_updated_project_gives_the_same_schema_and_metadata(string name)
    {
        SharedData.Needs(CorpusCase.Root is not null, "corpus");
        await PostgresServer.NeedsDumpAsync();

        var (problem, note) = await CorpusUpdateCommand.RunAsync(server, CorpusCase.All[name]);

        output.WriteLine(note);
        Assert.Null(problem);
    }
}
