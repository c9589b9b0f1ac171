using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>The statements of docs/security.md are enough for each job, and none of them is too many.</summary>
public sealed partial class LeastPrivilegeTests(PostgresServer server)
{
    private const string Metadata = """{"version": 3, "sources": []}""";

    [Theory]
    [InlineData("reader", 3)]
    [InlineData("reader", 2)]
    [InlineData("migrator", 3)]
    [InlineData("migrator", 2)]
    [InlineData("editor", 3)]
    [Trait("Case", "12.4")]
    public async Task A_role_of_the_page_does_its_job_and_needs_each_right(string name, int configVersion)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var metadata = database.Target();
        await metadata.ReplaceAsync(Metadata, Support.TestStores.Create);
        using var project = new TestProject(configVersion).Add(1, "CREATE TABLE first (id int);", "DROP TABLE first;");
        var hasTable = configVersion == 2;
        if (name == "reader" || hasTable)
        {
            await project.RunAsync(database.ConnectionString);
        }

        if (name == "migrator" && hasTable)
        {
            // Hasura's record stays; the history is the role's own.
            await database.ExecuteAsync("DROP SCHEMA hasura_migrations CASCADE");
        }

        var role = $"{name}_{Guid.NewGuid():N}";
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'p'; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "p" }.ConnectionString;
        try
        {
            var own = Statements(name, role);
            var tested = hasTable ? Statements($"{name} with the table", role) : own;
            await database.ExecuteAsync(string.Join(";", own.Union(tested)));
            var (tried, version) = (0, hasTable ? 2 : 1);
            Assert.Equal("", await DoAsync(name, project, connection, version++));
            foreach (var (privilege, place) in tested.SelectMany(Rights))
            {
                await database.ExecuteAsync($"REVOKE {privilege} ON {place} FROM {role}");
                var said = await DoAsync(name, project, connection, version++);
                Assert.True(Clear().IsMatch(said), $"Without {privilege} on {place}: '{said}'");
                await database.ExecuteAsync($"GRANT {privilege} ON {place} TO {role}");
                tried++;
            }

            Assert.True(tried >= (hasTable ? 2 : 6));
            Assert.Equal("", await DoAsync(name, project, connection, version));
        }
        finally
        {
            await database.ExecuteAsync($"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Theory]
    [InlineData("GRANT CREATE ON SCHEMA public TO PUBLIC", "every role")]
    [InlineData("GRANT CREATE ON SCHEMA public TO \"{0}\"", "role \"{0}\"")]
    [Trait("Case", "12.4")]
    public async Task A_superuser_is_warned_once_of_an_open_search_path(string grant, string who)
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);").Add(2, "CREATE TABLE b (id int);");
        var role = $"Other role {Guid.NewGuid():N}";
        await database.ExecuteAsync($"CREATE ROLE \"{role}\"; REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE SCHEMA aside; GRANT CREATE ON SCHEMA aside TO PUBLIC");
        try
        {
            Assert.DoesNotContain((await project.RunAsync(database.ConnectionString)).Findings, w => w.Id == "SearchPathOpen");
            await database.ExecuteAsync(grant.Replace("{0}", role, StringComparison.Ordinal));

            var warning = Assert.Single((await project.Add(3, "SELECT 1;").Add(4, "SELECT 1;").RunAsync(database.ConnectionString)).Findings, w => w.Id == "SearchPathOpen");

            Assert.Contains($"schema public by {who.Replace("{0}", role, StringComparison.Ordinal)}", warning.Message, StringComparison.Ordinal);
            Assert.Contains("REVOKE CREATE", warning.RecommendedAction!, StringComparison.Ordinal);
        }
        finally
        {
            await database.ExecuteAsync($"DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\"");
        }
    }

    /// <summary>Does the job of a role; returns what it said went wrong, and nothing where all went well.</summary>
    private static async Task<string> DoAsync(string job, TestProject project, string connection, int version)
    {
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(connection), null, 3);
        var observer = new RecordingObserver();
        try
        {
            switch (job)
            {
                case "reader":
                    await project.StatusAsync(connection);
                    await using (var migrations = project.Target(connection))
                    {
                        Assert.NotEmpty(await migrations.ReadLogAsync(10, CancellationToken.None));
                    }

                    Assert.True((await target.ExportAsync()).Exists);
                    break;
                case "migrator":
                    await project.Add(version, $"CREATE TABLE t{version} (id int);", $"DROP TABLE t{version};").RunAsync(connection, observer: observer);
                    await project.RunAsync(connection, new MigrationGoal.Last(1), observer: observer);
                    break;
                default:
                    await target.ReplaceAsync($$"""{"version": 3, "sources": [], "api_limits": {"disabled": false, "depth_limit": {"global": {{version}}, "per_role": {} } } }""");
                    break;
            }
        }
        catch (HasuraMigrationException e)
        {
            return $"{e.ErrorId}: {e.Message}";
        }

        return string.Join(" ", observer.Findings.Where(w => w.Severity == FindingSeverity.Warning).Select(w => $"{w.Id}: {w.Message}"));
    }

    private static List<string> Statements(string name, string role)
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "security.md"));
        var block = Regex.Match(page, $"```sql {name}\n(.*?)```", RegexOptions.Singleline);
        Assert.True(block.Success);
        return [.. block.Groups[1].Value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(s => s.Replace($" {name.Split(' ')[0]}", $" {role}", StringComparison.Ordinal))];
    }

    private static IEnumerable<(string Privilege, string Place)> Rights(string statement)
    {
        var grant = Regex.Match(statement, "^GRANT (.+) ON (.+) TO ");
        return grant.Success ? grant.Groups[1].Value.Split(", ").Select(p => (p, grant.Groups[2].Value)) : [];
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Migrations.sln")))
        {
            directory = directory.Parent!;
        }

        return directory.FullName;
    }

    [GeneratedRegex("^(PermissionMissing|HistoryWriteDenied|MigrationFailed|ReloadFailed): .*(denied|may not|GRANT)", RegexOptions.Singleline)]
    private static partial Regex Clear();
}
