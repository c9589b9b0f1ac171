using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>
/// What Hasura's own CLI did with squashes, done with this engine on a server in the same state: it removes the same files, writes the
/// same statements, and ends with the same record, or differs on purpose.
/// </summary>
public sealed class SquashTranscriptTests(PostgresServer server)
{
    public static TheoryData<string> Names =>
        [.. Transcript.All().Where(n => n == "absent" || (Transcript.Read(n).Arguments is ["migrate", "squash", ..] && !n.Contains("fault", StringComparison.Ordinal)))];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_squash_ends_as_with_the_CLI_or_better(string name)
    {
        var transcript = Transcript.Read(name);
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await transcript.ServeAsync(database, null);
        using var project = new TestProject(transcript.ConfigVersion);
        foreach (var ((version, up, down), title) in Transcript.Steps.Zip(["create_authors", "create_articles", "add_title"]))
        {
            project.Add(version, up, down, title);
        }

        var written = transcript.FilesWritten.ToDictionary(f => Path.GetFileName(f.Key), f => (Directory: Path.GetFileName(Path.GetDirectoryName(f.Key))!, f.Value));
        var keep = written["up.sql"].Directory.StartsWith($"{Transcript.Steps[^1].Version}_", StringComparison.Ordinal) ? SquashVersion.Last : SquashVersion.New;
        var plan = project.Plan(long.Parse(Argument(transcript, "--from")!), name: Argument(transcript, "--name")!, allowEmptyDown: false, keep: keep);
        var before = Files(project);
        await using var target = project.Target(host);
        await new MigrationRunner(project.Scan(), target).SquashAsync(
            plan.Migration.Version,
            plan.Versions,
            () =>
            {
                project.SquashFiles().Replace(plan, project.Backup(plan));
                return project.Scan();
            },
            new RunOptions(),
            new RecordingObserver(),
            CancellationToken.None);

        Assert.Equal(transcript.FilesRemoved, before.Except(Files(project)).Order(StringComparer.Ordinal));
        foreach (var (file, (directory, text)) in written)
        {
            var own = Path.Combine(project.Migrations, keep == SquashVersion.Last ? directory : $"{plan.Migration.Version}_{directory.Split('_', 2)[1]}", file);
            Assert.Equal(Squashes.Bare(text), Squashes.Bare(await File.ReadAllTextAsync(own)));
        }

        var state = JsonNode.Parse((await database.ScalarAsync<string>("SELECT cli_state::text FROM hdb_catalog.hdb_version"))!);
        // The CLI of 2021 gives a new version and records none, so that its apply would run everything again.
        Assert.Equal(keep == SquashVersion.Last ? transcript.EndVersions("default") : $"{plan.Migration.Version}", Transcript.Versions(state, "default"));
        Assert.Equal("", await database.ScalarAsync<string>("SELECT coalesce(string_agg(tablename, ','), '') FROM pg_tables WHERE schemaname = 'public'"));
    }

    private static string? Argument(Transcript transcript, string name) => transcript.Arguments.SkipWhile(a => a != name).Skip(1).FirstOrDefault();

    private static List<string> Files(TestProject project) =>
        [.. Directory.EnumerateFiles(Path.Combine(project.Directory, "migrations"), "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(project.Directory, f).Replace('\\', '/'))];
}
