using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Pester;

public sealed class PesterTests(PesterRun run, ModuleServer server) : IClassFixture<PesterRun>
{
    public static IEnumerable<ITheoryDataRow> Names => PesterRun.Names().Select(n => new TheoryDataRow<string>(n) { TestDisplayName = $"Pester: {n}" });

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Passes(string test)
    {
        server.Require();
        var failures = await run.FailuresOfAsync(test);

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }
}
