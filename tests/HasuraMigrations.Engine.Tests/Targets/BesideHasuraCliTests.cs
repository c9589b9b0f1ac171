using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Faults;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Tests.Targets.Server;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>The module and Hasura's own CLI in turn on one server: both agree after each step, and nothing runs twice.</summary>
[Trait("Case", "11")]
public sealed class BesideHasuraCliTests(PostgresServer server)
{
    private const string All = "1600000000001,1600000000002,1600000000003";

    [Theory]
    [InlineData(HasuraApi.V2, 3, true, "v3-apply-down-1", "v3-apply-down-all", "v3-apply-all-ready")]
    [InlineData(HasuraApi.V2, 3, false, "v3-apply-down-1", "v3-apply-down-all", "v3-apply-all-ready")]
    [InlineData(HasuraApi.V2, 2, true, "v2-on-v2server-down-1", null, "v2-on-v2server-apply-ready")]
    [InlineData(HasuraApi.V2, 2, false, "v2-on-v2server-down-1", null, "v2-on-v2server-apply-ready")]
    [InlineData(HasuraApi.V1, 2, true, "v2-on-v1server-down-1", "v1-on-v1server-down-all", "v2-on-v1server-apply-ready")]
    [InlineData(HasuraApi.V1, 1, true, "v2-on-v1server-down-1", "v1-on-v1server-down-all", "v1-on-v1server-apply-ready")]
    [InlineData(HasuraApi.V1, 1, false, "v2-on-v1server-down-1", "v1-on-v1server-down-all", "v1-on-v1server-apply-ready")]
    public async Task What_the_CLI_rolls_back_and_applies_is_known(HasuraApi api, int config, bool isDirect, string downOne, string? downAll, string apply)
    {
        await using var place = await TargetPlace.OpenAsync(server, api, isDirect);
        using var project = Project(config);
        Assert.Equal(3, (await place.RunAsync(project)).Results.Count);
        Assert.Equal(All, await place.StateAsync(config));

        await ReplayAsync(place, downOne);
        Assert.Equal([MigrationState.Applied, MigrationState.Applied, MigrationState.Pending], (await place.StatusAsync(project)).Select(m => m.Status));
        Assert.Equal([1600000000003], (await place.RunAsync(project)).Results.Select(r => r.Version));
        Assert.Equal(All, await place.StateAsync(config));

        if (downAll is not null)
        {
            await ReplayAsync(place, downAll);
            Assert.All(await place.StatusAsync(project), m => Assert.Equal(MigrationState.Pending, m.Status));
            Assert.Equal(3, (await place.RunAsync(project)).Results.Count);
            Assert.Equal(All, await place.StateAsync(config));
        }

        await place.RunAsync(project, new MigrationGoal.Last(3));
        Assert.Equal(("", ""), (await place.StateAsync(config), await place.TablesAsync()));
        await ReplayAsync(place, apply);
        Assert.All(await place.StatusAsync(project), m => Assert.Equal(MigrationState.Applied, m.Status));
        Assert.Empty((await place.RunAsync(project)).Results);
        Assert.Equal("articles,authors", await place.TablesAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_version_deleted_from_the_record_alone_is_written_again(bool isDirect)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect);
        using var project = Project(3);
        await place.RunAsync(project);

        await ReplayAsync(place, "v3-delete-version");
        var (migrations, findings) = await place.StatusWithFindingsAsync(project);
        Assert.All(migrations, m => Assert.Equal(MigrationState.Applied, m.Status));
        var finding = Assert.Single(findings, f => f.Id == "StateOverwritten");
        Assert.Equal((1600000000002, FindingSeverity.Warning), (finding.Version, finding.Severity));
        Assert.Contains("relation articles", finding.Message);

        Assert.Empty((await place.RunAsync(project)).Results);
        Assert.Equal(All, await place.StateAsync(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_squash_is_recognized_and_settled_by_one_command(bool isDirect)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect);
        using var project = Project(3);
        await place.RunAsync(project);
        await ReplayAsync(place, "v3-squash");
        foreach (var (version, _, _) in Transcript.Steps)
        {
            Directory.Delete(Path.Combine(project.Migrations, $"{version}_m"), recursive: true);
        }

        project.Add(Transcript.Steps[2].Version, string.Concat(Transcript.Steps.Select(s => "\n" + s.Up)), string.Concat(Transcript.Steps.Reverse().Select(s => "\n" + s.Down)), "sq").Add(1600000000009, "CREATE TABLE later (id int);", "DROP TABLE later;");

        var (migrations, findings) = await place.StatusWithFindingsAsync(project);
        var finding = Assert.Single(findings, f => f.Id == "MigrationSquashed");
        Assert.Equal((FindingSeverity.Warning, 1600000000003), (finding.Severity, finding.Version));
        Assert.Contains("Repair-HasuraMigration -Version 1600000000003 -As Squashed", finding.RecommendedAction);
        Assert.DoesNotContain(migrations.SelectMany(m => m.Findings), f => f.Severity == FindingSeverity.Error);

        // Other versions are not in its way, and the record is not filled with what is gone.
        Assert.Equal([1600000000009], (await place.RunAsync(project)).Results.Select(r => r.Version));
        Assert.Equal("1600000000003,1600000000009", await place.StateAsync(3));
        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project, new MigrationGoal.Last(2)));
        Assert.Equal("MigrationSquashed", error.ErrorId);

        await place.RepairAsync(project, MigrationRepair.AsSquashed, 1600000000003);
        Assert.Equal([1600000000003, 1600000000009], (await place.StatusAsync(project)).Select(m => m.Version));
        Assert.Equal("1600000000003,1600000000009", await place.StateAsync(3));
        Assert.Equal("", string.Join(',', (await place.StatusAsync(project)).SelectMany(m => m.Findings).Select(f => f.Id)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_squash_under_a_new_version_is_not_run_again(bool isDirect)
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect);
        using var project = Project(3);
        await place.RunAsync(project);
        foreach (var (version, _, _) in Transcript.Steps)
        {
            Directory.Delete(Path.Combine(project.Migrations, $"{version}_m"), recursive: true);
        }

        project.Add(1700000000000, string.Concat(Transcript.Steps.Select(s => "\n" + s.Up)), "SELECT 1;", "squashed");

        Assert.Equal("MigrationSquashed", (await Assert.ThrowsAsync<HasuraMigrationException>(() => place.RunAsync(project))).ErrorId);
        await place.RepairAsync(project, MigrationRepair.AsSquashed, 1700000000000);
        Assert.Empty((await place.RunAsync(project)).Results);
        Assert.Equal("1700000000000", await place.StateAsync(3));
        Assert.Equal(MigrationState.Applied, Assert.Single(await place.StatusAsync(project)).Status);
    }

    [Fact]
    public async Task A_stale_copy_written_at_the_very_end_is_written_over()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2, isDirect: true);
        using var project = Project(3);
        await place.RunAsync(project, new MigrationGoal.Next(1));
        var stale = await place.Database.ScalarAsync<string>("SELECT cli_state::text FROM hdb_catalog.hdb_version");
        var writes = 0;

        var observer = await FaultCases.AtPointsAsync(
            point =>
            {
                if (point == "before-last-look" && writes++ < 2)
                {
                    place.Database.ExecuteAsync($"UPDATE hdb_catalog.hdb_version SET cli_state = '{stale}'").GetAwaiter().GetResult();
                }
            },
            () => place.RunAsync(project));

        Assert.Equal(All, await place.StateAsync(3));
        Assert.Contains(observer.Findings, f => f.Id == "StateContended");
        Assert.All(await place.StatusAsync(project), m => Assert.Equal(MigrationState.Applied, m.Status));
    }

    private static TestProject Project(int config)
    {
        var project = new TestProject(config);
        foreach (var (version, up, down) in Transcript.Steps)
        {
            project.Add(version, up, down);
        }

        return project;
    }

    private static async Task ReplayAsync(TargetPlace place, string name)
    {
        foreach (var request in Transcript.Read($"{name}.jsonl").Requests)
        {
            if (request["method"]!.ToString() == "POST")
            {
                var (status, body) = await place.Host!.PostAsync(request["path"]!.ToString(), request["request_body"]!.ToJsonString());
                Assert.True(status == (int)request["status"]!, $"{name} {request["seq"]}: {request["request_body"].ToText()} got {status} {body}");
            }
        }
    }
}
