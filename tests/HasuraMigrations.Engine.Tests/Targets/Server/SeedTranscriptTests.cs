using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>
/// What Hasura's own CLI did with seeds and with the deletion of migrations, done with this engine on a server in the same state: it ends
/// with the same rows, files and record, or differs on purpose.
/// </summary>
public sealed class SeedTranscriptTests(PostgresServer server)
{
    private static readonly Dictionary<string, string> Seeds = new()
    {
        ["1600000000100_authors.sql"] = "INSERT INTO authors (name) VALUES ('ada');\n",
        ["1600000000101_articles.sql"] = "INSERT INTO articles (author_id) VALUES (1);\n",
    };

    /// <summary>Where another end is right, by a part of the name, with the reason.</summary>
    private static readonly (string Part, string Rows, string Why)[] Different =
    [
        ("seed-apply-fail", "", "The CLI keeps the files before the one that failed; here all files are one transaction."),
        ("seed-apply-file", "", "A database refuses a row that refers to one that is not there."),
    ];

    public static TheoryData<string> SeedNames => [.. Names("seed", "apply")];

    public static TheoryData<string> DeleteNames => [.. Names("migrate", "delete")];

    [Theory]
    [MemberData(nameof(SeedNames))]
    public async Task Seeds_end_as_with_the_CLI_or_better(string name)
    {
        var transcript = Transcript.Read(name);
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await transcript.ServeAsync(database, null);
        await database.ExecuteAsync(string.Concat(Transcript.Steps.Take(2).Select(s => s.Up.Replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", StringComparison.Ordinal))));
        using var project = new TestProject(transcript.ConfigVersion);
        foreach (var (path, sql) in name.Contains("seed-none", StringComparison.Ordinal) ? [] : Seeds)
        {
            project.Seed(path, name.Contains("seed-apply-fail", StringComparison.Ordinal) && path.Contains("articles", StringComparison.Ordinal) ? "SELECT FAIL;\n" : sql);
        }

        var paths = transcript.Arguments.SkipWhile(a => a != "-f").Skip(1).Take(1).ToArray();
        var error = await Record.ExceptionAsync(() => project.SeedAsync(host, paths: paths));

        Assert.True(error is null or HasuraMigrationException, error?.ToString());
        var different = Different.FirstOrDefault(d => name.Contains(d.Part, StringComparison.Ordinal));
        var expected = different.Part is null ? string.Join('\n', transcript.SqlRun) : different.Rows;
        var rows = await database.ScalarAsync<string>("SELECT concat_ws(E'\\n', (SELECT 'INSERT INTO authors (name) VALUES (''' || string_agg(name, ',') || ''');' FROM authors), (SELECT 'INSERT INTO articles (author_id) VALUES (' || string_agg(author_id::text, ',') || ');' FROM articles))");
        Assert.Equal(expected, rows);
    }

    [Theory]
    [MemberData(nameof(DeleteNames))]
    public async Task A_deletion_removes_the_same_files_and_records_as_the_CLI(string name)
    {
        var transcript = Transcript.Read(name);
        await using var database = await server.CreateDatabaseAsync();
        await using var host = await transcript.ServeAsync(database, null);
        using var project = new TestProject(transcript.ConfigVersion);
        foreach (var ((version, up, down), title) in Transcript.Steps.Zip(["create_authors", "create_articles", "add_title"]))
        {
            project.Add(version, up, down, title);
        }

        var before = Files(project);
        await using var target = project.Target(host);
        var runner = new MigrationRunner(project.Scan(), target);
        long[] versions = Array.IndexOf(transcript.Arguments, "--version") is >= 0 and var i ? [long.Parse(transcript.Arguments[i + 1])] : [];
        var scope = transcript.Arguments.Contains("--server") ? MigrationRemovalScope.State : MigrationRemovalScope.Both;
        var open = project.Open();
        var plan = MigrationRemovalPlan.Make(open, open.Database("default"), versions, scope, await runner.RecordedAsync(CancellationToken.None));
        await runner.RemoveAsync(
            plan.Versions,
            v =>
            {
                plan.FilesOf(v)?.Remove();
                return Task.CompletedTask;
            },
            (_, _) => Task.CompletedTask,
            new RunOptions(),
            new RecordingObserver(),
            CancellationToken.None);

        Assert.Equal(transcript.FilesRemoved, before.Except(Files(project)).Order(StringComparer.Ordinal));
        var state = JsonNode.Parse((await database.ScalarAsync<string>("SELECT cli_state::text FROM hdb_catalog.hdb_version"))!);
        Assert.Equal(transcript.EndVersions("default"), Transcript.Versions(state, "default"));
        Assert.Equal("", await database.ScalarAsync<string>("SELECT coalesce(string_agg(tablename, ','), '') FROM pg_tables WHERE schemaname = 'public'"));
    }

    private static IEnumerable<string> Names(string noun, string verb) =>
        Transcript.All().Where(n => n == "absent" || (Transcript.Read(n).Arguments is [var first, var second, ..] && first == noun && second == verb && !n.Contains("fault", StringComparison.Ordinal))).DistinctBy(n => n == "absent" ? n : Transcript.Read(n).Scenario);

    private static List<string> Files(TestProject project) =>
        [.. Directory.EnumerateFiles(Path.Combine(project.Directory, "migrations"), "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(project.Directory, f).Replace('\\', '/'))];
}
