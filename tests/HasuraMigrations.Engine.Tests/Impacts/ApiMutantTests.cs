using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>A short form of <see cref="ApiMutantsCommand"/>, without graphql-js.</summary>
public sealed class ApiMutantTests(PostgresServer server)
{
    private static readonly string[] InSuite = ["andrewMacmurray-realworld-hasura", "hasura-graphql-engine-react-apollo-todo"];

    [Fact]
    public async Task Random_changes_are_reported_as_they_are()
    {
        SharedData.Needs(CorpusCase.Root is not null, "corpus");
        var told = new List<string>();
        var tally = await ApiMutantsCommand.RunAsync(server, CorpusCase.All.Values.Where(c => InSuite.Contains(c.Project)), LongForm.Count(400, 60), seed: 7, null, told.Add);

        Assert.True(tally.IsPerfect, string.Join(Environment.NewLine, told.Append(tally.ToString())));
        Assert.True(tally.Differing > tally.Changes / 2 && tally.Fields > 10, tally.ToString());
    }
}
