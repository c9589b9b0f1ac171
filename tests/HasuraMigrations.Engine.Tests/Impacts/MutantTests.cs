using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>A short form of <see cref="MutantsCommand"/>.</summary>
public sealed class MutantTests(PostgresServer server)
{
    private static readonly string[] InSuite = ["andrewMacmurray-realworld-hasura", "marcopeg-hasura-2023-badges", "hasura-graphql-engine-react-apollo-todo"];

    [Fact]
    public async Task Random_changes_are_judged_as_they_must_be()
    {
        SharedData.Needs(CorpusCase.Root is not null, "corpus");
        var told = new List<string>();
        var tally = await MutantsCommand.RunAsync(server, CorpusCase.All.Values.Where(c => InSuite.Contains(c.Project)), LongForm.Count(400, 60), LongForm.Count(100, 15), seed: 7, told.Add);

        Assert.True(tally.IsPerfect, string.Join(Environment.NewLine, told.Append(tally.ToString())));
        Assert.True(tally.Breaking > tally.Faults / 2 && tally.Proposals > 10, tally.ToString());
    }
}
