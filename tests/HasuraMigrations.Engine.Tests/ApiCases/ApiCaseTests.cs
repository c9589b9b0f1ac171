using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Targets.Postgres.Api;

namespace HasuraMigrations.Engine.Tests.ApiCases;

/// <summary>The cases of tests/fixtures/api, over HTTP against a server over a real database.</summary>
public sealed class ApiCaseTests(ApiCaseServers servers) : IClassFixture<ApiCaseServers>
{
    private static readonly string[] Keys = ["name", "before", "get", "path", "headers", "request", "status", "answer", "save", "then", "metadata", "sql"];

    // Carried out beside the commands of the two tables.
    private static readonly string[] Envelopes = ["run_sql", "bulk", "bulk_keep_going", "bulk_atomic", "concurrent_bulk"];

    public static IEnumerable<TheoryDataRow<string, string>> Cases =>
        ApiCase.All.Keys.Select(c => new TheoryDataRow<string, string>(c.File, c.Name) { TestDisplayName = $"{c.File}: {c.Name}" });

    public static TheoryData<string> Commands => [.. MetadataCommands.Names.Concat(RowCommands.Names).Concat(Envelopes).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_server_answers_as_the_case_says(string file, string name)
    {
        var one = ApiCase.All[(file, name)];
        await new ApiCaseRun(one, await servers.PrepareAsync(one)).RunAsync();
    }

    [Fact]
    public void Every_step_says_what_it_expects()
    {
        foreach (var step in ApiCase.All.Values.SelectMany(c => c.Steps))
        {
            var what = $"{step.File.Name}: {step.Node.ToText()}";
            Assert.True(step.Node["status"] is not null && step.Node["answer"] is not null && (step.Node["request"] is null) == (step.Node["get"] is not null), what);
            Assert.True(step.Node.All(m => Keys.Contains(m.Key)), what);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_is_accepted_in_one_case_and_refused_in_another(string command)
    {
        var steps = ApiCase.All.Values.SelectMany(c => c.Steps).Where(s => s.Type is { } type && (type == command || CommandNames.WithoutPrefix(type) == command)).ToList();

        Assert.True(steps.Exists(s => s.Status == 200), $"No case shows that {command} is accepted.");
        Assert.True(steps.Exists(s => s.Status != 200), $"No case shows that {command} is refused.");
    }
}
