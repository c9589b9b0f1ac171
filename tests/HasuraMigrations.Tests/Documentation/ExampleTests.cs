namespace HasuraMigrations.Tests.Documentation;

/// <summary>
/// Documentation that does not run fails the build. With <c>HASURA_TEST_UPDATE_EXAMPLES=1</c>, output that differs is written into
/// the files instead.
/// </summary>
public sealed class ExampleTests(ExampleWorld world) : IClassFixture<ExampleWorld>
{
    private static readonly string[] KnownMarks = ["database", "revision", "before", "fails", "not run"];

    public static IEnumerable<ITheoryDataRow> Runnable =>
        DocumentExample.All.Index().Where(e => e.Item.Mark("not run") is null).Select(e => new TheoryDataRow<int>(e.Index) { TestDisplayName = $"Example: {e.Item.Name}" });

    [Theory]
    [MemberData(nameof(Runnable))]
    public void Runs_and_shows_what_the_page_says(int index)
    {
        var example = DocumentExample.All[index];

        var (text, errors) = world.Run(example);

        Assert.True(example.Mark("fails") is { } id ? errors.Any(e => e.FullyQualifiedErrorId.Split(',')[0] == id) : errors.Count == 0, $"{example.Name}\n{example.Code}\n{string.Join('\n', errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}"))}\n{text}");
        if (example.Example.Output is not { } output || DocumentExample.Shape(output) == DocumentExample.Shape(text))
        {
            return;
        }

        Assert.True(Environment.GetEnvironmentVariable("HASURA_TEST_UPDATE_EXAMPLES") == "1", $"{example.Name} shows today:\n{text}");
        example.Update(text);
    }

    [Fact]
    public void Examples_that_cannot_run_are_few_and_say_why() => Assert.Equal(
        [
        ],
        DocumentExample.All.Where(e => e.Mark("not run") is not null).Select(e => $"{e.File}: {e.Example.Title}: {e.Mark("not run")}"));

    [Fact]
    public void Marks_are_known() =>
        Assert.All(DocumentExample.All.SelectMany(e => e.Example.Marks), m => Assert.Contains(m.Name, KnownMarks));
}
