using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Documentation;

/// <summary>
/// Runs examples of the documentation, each class a part of them, since only classes run at the same time. With
/// <c>HASURA_TEST_UPDATE_EXAMPLES=1</c>, output that differs is written into the files instead of failing the test.
/// </summary>
public abstract class ExampleTests(ExampleEnvironment environment, ModuleServer server) : IClassFixture<ExampleEnvironment>
{
    /// <summary>Runs one.</summary>
    protected void Run(int index)
    {
        var example = DocumentExample.All[index];

        if (example.Marks("before").Append(example.Code).Any(c => c.Contains("Start-HasuraSandbox", StringComparison.Ordinal)))
        {
            server.Require();
        }

        var (text, errors) = environment.Run(example);
        ShellOutput.SkipWithoutDump(errors);

        Assert.True(example.Mark("fails") is { } id ? errors.Any(e => e.FullyQualifiedErrorId.Split(',')[0] == id) : errors.Count == 0, $"{example.Name}\n{example.Code}\n{string.Join('\n', errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}"))}\n{text}");
        if (example.Example.Output is not { } output || DocumentExample.Shape(output) == DocumentExample.Shape(text))
        {
            return;
        }

        Assert.True(Environment.GetEnvironmentVariable("HASURA_TEST_UPDATE_EXAMPLES") == "1", $"The output of {example.Name} is now:\n{text}\nHASURA_TEST_UPDATE_EXAMPLES=1 writes it into the file.");
        example.Update(text);
    }

    /// <summary>Those that can run, in files of a kind.</summary>
    protected static IEnumerable<ITheoryDataRow> Runnable(bool ofCommands) =>
        DocumentExample.All.Index().Where(e => e.Item.Mark("not run") is null && e.Item.IsOfCommand == ofCommands).Select(e => new TheoryDataRow<int>(e.Index) { TestDisplayName = $"Example: {e.Item.Name}" });
}

/// <summary>The examples of commands.</summary>
public sealed class CommandExampleTests(ExampleEnvironment environment, ModuleServer server) : ExampleTests(environment, server)
{
    public static IEnumerable<ITheoryDataRow> Examples => Runnable(ofCommands: true);

    [Theory]
    [MemberData(nameof(Examples))]
    public void Runs_with_the_output_on_the_page(int index) => Run(index);
}

/// <summary>The examples of pages and about topics.</summary>
public sealed class PageExampleTests(ExampleEnvironment environment, ModuleServer server) : ExampleTests(environment, server)
{
    public static IEnumerable<ITheoryDataRow> Examples => Runnable(ofCommands: false);

    [Theory]
    [MemberData(nameof(Examples))]
    public void Runs_with_the_output_on_the_page(int index) => Run(index);
}

public sealed class ExampleMarkTests
{
    private static readonly string[] KnownMarks = ["database", "revision", "before", "fails", "not run"];

    [Fact]
    public void Only_these_examples_are_not_run_for_these_reasons() => Assert.Equal(
        [
        ],
        DocumentExample.All.Where(e => e.Mark("not run") is not null).Select(e => $"{e.File}: {e.Example.Title}: {e.Mark("not run")}"));

    [Fact]
    public void Marks_are_known() =>
        Assert.All(DocumentExample.All.SelectMany(e => e.Example.Marks), m => Assert.Contains(m.Name, KnownMarks));
}
