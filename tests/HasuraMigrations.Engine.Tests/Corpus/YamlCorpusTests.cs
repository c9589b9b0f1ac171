using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>Migrations with actions on metadata that others wrote; <see cref="CorpusYamlCommand"/> runs the long ones, too.</summary>
public sealed class YamlCorpusTests(PostgresServer server, ITestOutputHelper output)
{
    public static TheoryData<string> Names => YamlExpectations.All.Count == 0 ? [""] : [.. YamlExpectations.All.Values.Where(e => LongForm.IsOn || !e.IsLong).Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Actions_lead_everywhere_where_reading_them_says(string name)
    {
        SharedData.Needs(name.Length > 0, "corpus");

        Assert.Empty(await CorpusYamlCommand.RunAsync(server, YamlExpectations.All[name], Places(name), output.WriteLine));
    }

    // The short form goes round the places.
    private static IReadOnlyList<YamlPlaceKind> Places(string name)
    {
        var all = Enum.GetValues<YamlPlaceKind>();
        return LongForm.IsOn ? all : [all[YamlExpectations.All.Keys.Order(StringComparer.Ordinal).ToList().IndexOf(name) % all.Length]];
    }

    [Fact]
    public async Task A_file_that_is_older_than_the_last_migrations_is_as_the_migrations_before_left_it()
    {
        SharedData.Needs(YamlExpectations.All.Count > 0, "corpus");
        foreach (var project in YamlExpectations.All.Values.Where(e => e.FileIsOf < long.MaxValue))
        {
            await using var place = await YamlPlace.OpenAsync(server, YamlPlaceKind.Version1);

            Assert.Empty((await YamlRun.OfAsync(project.Name, place, project.FileIsOf)).Differences);
        }
    }
}
