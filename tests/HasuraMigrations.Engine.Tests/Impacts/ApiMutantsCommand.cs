using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Metadata.Api;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>
/// Random single changes of the sample projects, and of their GraphQL schemas: the changes that are reported for each role are those of an
/// independent walk, their classes are those of graphql-js, and fields of columns go where the impact says that a role loses them, and only there. Of pairs
/// of changes, each difference has the cause that makes it alone:
/// <c>dotnet run --project tests/HasuraMigrations.Engine.Tests -- api-mutants [changes] [seed]</c>. Exit code 1 if something differs.
/// </summary>
internal static class ApiMutantsCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "api-mutants";

    internal static async Task<int> MainAsync(string[] args)
    {
        if (CorpusCase.Root is null)
        {
            Console.WriteLine("The sample projects are not beside the repository.");
            return 1;
        }

        var (program, reason) = await GraphqlJs.StartAsync();
        if (program is null)
        {
            Console.WriteLine(reason);
            return 1;
        }

        using (program)
        {
            await using var server = new PostgresServer();
            var tally = await RunAsync(server, CorpusCase.All.Values, Number(args, 0, 2000), Number(args, 1, 1), program, Console.WriteLine);
            Console.WriteLine(tally);
            return tally.IsPerfect ? 0 : 1;
        }
    }

    /// <summary>Runs so many changes, spread over the projects.</summary>
    /// <param name="server">Where the projects are applied.</param>
    /// <param name="cases">The projects.</param>
    /// <param name="count">How many changes.</param>
    /// <param name="seed">Seed of the dice.</param>
    /// <param name="program">Names the classes of changes; null to do without.</param>
    /// <param name="tell">Takes what differs.</param>
    internal static async Task<ApiMutantTally> RunAsync(PostgresServer server, IEnumerable<CorpusCase> cases, int count, int seed, GraphqlJs? program, Action<string> tell)
    {
        var tally = new ApiMutantTally();
        // Those that cannot be applied come first, so that the others make up for them.
        var projects = SampleModel.Projects(cases).OrderBy(p => p.All(c => c.Failure is null && !c.NeedsPreloadedCron)).ToList();
        foreach (var (project, index) in projects.Select((p, i) => (p, i)))
        {
            var (model, reason) = await SampleModel.MakeAsync(server, project);
            if (model is null)
            {
                tell($"{project[0].Project}: left out, {reason}");
                continue;
            }

            await using (model)
            {
                var left = projects.Count - index;
                await new ApiMutantRun(model, tally, program, tell).RunAsync((count - tally.Changes + left - 1) / left, seed + index);
            }
        }

        return tally;
    }

    private static int Number(string[] args, int index, int otherwise) => args.Length > index ? int.Parse(args[index]) : otherwise;
}

/// <summary>What became of the changes.</summary>
internal sealed class ApiMutantTally
{
    public int Changes { get; set; }

    public int NotPossible { get; set; }

    public int Schemas { get; set; }

    public int Differing { get; set; }

    public int Reported { get; set; }

    public int OtherDifferences { get; set; }

    public int OtherClasses { get; set; }

    public int Losses { get; set; }

    public int OtherLosses { get; set; }

    public int Fields { get; set; }

    public int OtherFields { get; set; }

    public int Causes { get; set; }

    public int NoCauses { get; set; }

    public int OtherCauses { get; set; }

    // Where two changes meet in one table, the likelier one is told.
    public bool IsPerfect => OtherDifferences + OtherClasses + OtherLosses + OtherFields == 0 && OtherCauses * 100 <= Causes && Reported > 0;

    public override string ToString() =>
        $"{Changes} changes ({NotPossible} more are refused by PostgreSQL); {Differing} of {Schemas} schemas of roles differ, in {Reported} changes; {OtherDifferences} differ from the walk, {OtherClasses} from graphql-js; "
        + $"{OtherLosses} of {Losses} losses of the impact are not in the schemas, {OtherFields} of {Fields} fields of columns that go are not in the impact; "
        + $"of {Causes} changes with a cause that is known, {OtherCauses} have another one, {NoCauses} none";
}
