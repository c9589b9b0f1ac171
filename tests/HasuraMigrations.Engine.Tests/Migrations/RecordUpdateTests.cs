using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Updating;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Migrations;

/// <summary>Records of applied versions follow files that were replaced, on both targets, and nothing runs.</summary>
public sealed class RecordUpdateTests(PostgresServer server)
{
    [Theory]
    [InlineData(null)]
    [InlineData(HasuraApi.V1)]
    public async Task Checksums_follow_the_files_and_versions_without_files_are_forgotten(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = Project();
        await place.RunAsync(project, options: new RunOptions { CreateStateStore = api is null });
        var planned = await Updates.UpdateAsync(project.Directory, new UpdateOptions(2), proof: null, TestStores.Document("""{"version": 2, "tables": []}"""));
        Assert.Equal("1,2", await place.StateAsync(2));

        var done = await RunAsync(place, project, planned.Plan.Versions);

        Assert.Equal([1L, 2], done.Recorded);
        Assert.Empty(done.Findings);
        using var updated = Reopen(project);
        var (migrations, findings) = await place.StatusWithFindingsAsync(updated);
        Assert.Equal((1L, MigrationState.Applied, MigrationChecksumState.Unchanged), Assert.Single(migrations) is var m ? (m.Version, m.Status, m.ChecksumState) : default);
        Assert.DoesNotContain(findings, f => f.Severity != FindingSeverity.Information);
        Assert.Equal("1", await place.StateAsync(2));
        Assert.Empty((await place.RunAsync(updated)).Results);
        Assert.Empty((await RunAsync(place, project, planned.Plan.Versions)).Recorded);
    }

    [Fact]
    public async Task What_was_applied_with_another_content_keeps_its_record()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = Project();
        await place.RunAsync(project, options: new RunOptions { CreateStateStore = true });
        project.Yaml(1, "up", "{type: run_sql, args: {sql: SELECT 99}}");
        var planned = await Updates.UpdateAsync(project.Directory, new UpdateOptions(2), proof: null, TestStores.Document("""{"version": 2, "tables": []}"""));

        var done = await RunAsync(place, project, planned.Plan.Versions);

        var finding = Assert.Single(done.Findings);
        Assert.Equal(("RecordNotUpdated", 1L), (finding.Id, finding.Version));
        Assert.Contains("-AcceptChecksum", finding.RecommendedAction);
        Assert.Equal([2L], done.Recorded);
        await using var target = place.Target(project);
        Assert.Empty((await new RecordUpdate("default", target).PlanAsync(planned.Plan.Versions, CancellationToken.None)).Recorded);
    }

    private static async Task<RecordChange> RunAsync(TargetPlace place, TestProject project, IReadOnlyList<VersionChange> versions)
    {
        await using var target = place.Target(project);
        return await new RecordUpdate("default", target).RunAsync(versions, () => Updates.Scan(project.Directory), new RunOptions(), new RecordingObserver(), CancellationToken.None);
    }

    private static TestProject Project() => new TestProject(1, "endpoint: http://localhost:1\n")
        .Add(1, "CREATE TABLE a (i int)").Yaml(1, "up", "{type: run_sql, args: {sql: ALTER TABLE a ADD j int}}", "{type: track_table, args: a}")
        .Yaml(2, "up", "{type: untrack_table, args: {table: a}}");

    // The same directory with the config version that it has now.
    private static TestProject Reopen(TestProject project)
    {
        var updated = new TestProject(2);
        foreach (var (path, text) in Updates.Files(project.Directory))
        {
            updated.Write(path, text);
        }

        return updated;
    }
}
