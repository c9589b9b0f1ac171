namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>What is known of a sample project with actions.</summary>
/// <param name="Name">Name of the project.</param>
internal sealed record YamlExpectations(string Name)
{
    /// <summary>Takes long, and runs in the command only.</summary>
    public bool IsLong { get; init; }

    /// <summary>Ups that a server refuses.</summary>
    public IReadOnlyList<long> FailingUps { get; init; } = [];

    /// <summary>The version after which the metadata file was written, where later migrations came.</summary>
    public long FileIsOf { get; init; } = long.MaxValue;

    /// <summary>What edits of the metadata without a migration changed.</summary>
    public IReadOnlyList<string> Edits { get; init; } = [];

    /// <summary>Rolling all back leaves nothing tracked.</summary>
    public bool EndsEmpty { get; init; }

    /// <summary>All projects; empty where they are not there.</summary>
    public static IReadOnlyDictionary<string, YamlExpectations> All { get; } = CorpusCase.All.Values.Where(c => c.ConfigVersion == 1)
        .Select(c => Known.FirstOrDefault(k => k.Name == c.Project) ?? new YamlExpectations(c.Project)).ToDictionary(e => e.Name);

    private static IEnumerable<YamlExpectations> Known =>
    [
        // Its server did not yet know that an insert permission without columns rests on every column: three columns and
        // a table cannot be dropped under it.
        new("Acaisoft-bolt-api") { IsLong = true, FailingUps = [1550581036959, 1550581049824, 1551431914224, 1551431957596] },

        // The server the file is of did not have checks of updates.
        new("Lucy-Family-Institute-pace-admin")
        {
            IsLong = true,
            Edits =
            [
                "what role user writes into public.data had to meet no check, has to meet no condition",
                "what role user writes into public.submissions had to meet no check, has to meet no condition",
            ],
        },

        // The file is as the first migration left it.
        new("wide-grip-wide-grip") { FileIsOf = 1556993072504 },

        // Edited in the console, or by hand, with no migration.
        new("CUCB-website")
        {
            IsLong = true,
            Edits =
            [
                "what role president writes into cucb.contacts had to meet no check, has to meet no condition",
                "what role secretary writes into cucb.contacts had to meet no check, has to meet no condition",
                "what role webmaster writes into cucb.contacts had to meet no check, has to meet no condition",
                .. new[] { "blue_gig", "current_user", "equipment", "gig_editor", "president", "treasurer" }.Select(r => $"role {r} can no longer select from cucb.instruments"),
            ],
        },

        // No migration tracks the table todos.
        new("hasura-learn-graphql") { FailingUps = [1556045108743, 1556045119783, 1556045242981, 1556045269912, 1556045295385, 1556045334470, 1556045390941] },

        // Adds six columns twice.
        new("CheapeOne-chrss") { FailingUps = [.. CorpusCase.All.Values.Where(c => c.Project == "CheapeOne-chrss").SelectMany(c => c.Expected.GetProperty("failingWhenContinuing").EnumerateArray()).Select(f => long.Parse(f.GetProperty("version").GetString()!))], EndsEmpty = true },
        new("hasura-graphql-engine-vuejs-auth0-graphql") { EndsEmpty = true },
        new("hasura-graphql-engine-realtime-location-tracking") { EndsEmpty = true },
    ];

    /// <summary>What is not as it should be.</summary>
    public IEnumerable<string> Judge(YamlRun run) =>
        Compare("ups that fail", FailingUps.Order(), run.FailedUps.Keys.Order(), v => $"{v} ({run.FailedUps.GetValueOrDefault(v, "it was applied")})")
            .Concat(FileIsOf == long.MaxValue ? Compare("differences from the file", Edits.Order(), run.Differences.Select(d => d.ToString()).Order(), d => d) : [])
            .Concat(Compare("tables tracked after the ups", run.ReplayedUp, run.Tracked, t => t))
            .Concat(Compare("tables tracked after the downs", run.ReplayedDown, run.Left, t => t))
            .Concat(EndsEmpty ? Compare("what is left", [], run.Left, t => t) : []);

    private static IEnumerable<string> Compare<T>(string what, IEnumerable<T> expected, IEnumerable<T> actual, Func<T, string> show)
    {
        var (wanted, found) = (expected.ToList(), actual.ToList());
        return wanted.Except(found).Select(v => $"{what}: {show(v)} is missing").Concat(found.Except(wanted).Select(v => $"{what}: {show(v)} is too many"));
    }
}
