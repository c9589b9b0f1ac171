using System.Globalization;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>What a container does at its start, in processes of their own, whose exit codes count.</summary>
public sealed class AutoApplyTests(ModuleServer server)
{
    private const int Replicas = 4;

    private const string Databases = "- name: default\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: HASURA_GRAPHQL_DATABASE_URL\n  tables:\n  - table: {schema: public, name: a}\n";

    [Fact]
    public async Task Replicas_that_start_together_do_each_step_once_and_all_end_well()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3);
        project.With(1, "a", "CREATE TABLE a (id int PRIMARY KEY);", database: "default").With(2, "b", "INSERT INTO a VALUES (1);", database: "default");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", Databases);
        project.Write("seeds/rows.sql", "INSERT INTO a VALUES (2);");

        var runs = await Task.WhenAll(Enumerable.Range(0, Replicas).Select(_ => RunAsync(project, database, "Publish-HasuraProject -AutoApply | Format-List")));

        Assert.All(runs, r => Assert.True(r.ExitCode == 0, $"{r.Error}\n{r.Output}"));
        Assert.Single(runs, r => r.Output.Contains("Published 2 migrations, 2 metadata changes, 1 seed file", StringComparison.Ordinal));
        Assert.Equal(Replicas - 1, runs.Count(r => r.Output.Contains("Nothing left to publish", StringComparison.Ordinal)));
        Assert.Equal("2", database.Scalar("SELECT count(*)::text FROM a"));
        Assert.Equal("3", database.Scalar("SELECT count(*)::text FROM hasura_migrations.log"));
        Assert.Contains("\"a\"", database.Scalar("SELECT metadata::text FROM hdb_catalog.hdb_metadata"));
    }

    [Fact]
    public async Task A_migration_that_fails_and_a_database_that_is_not_there_end_with_exit_code_1()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(2);
        project.With(1, "a", "SELECT nothing;");

        var failed = await RunAsync(project, database, "Publish-HasuraProject -AutoApply");
        var unreachable = await RunAsync(project, database, "$env:HASURA_GRAPHQL_DATABASE_URL = 'postgres://u@127.0.0.1:1/d'; $env:HASURA_GRAPHQL_MIGRATIONS_SERVER_TIMEOUT = '1'; Publish-HasuraProject -AutoApply");

        Assert.Equal((1, 1), (failed.ExitCode, unreachable.ExitCode));
        Assert.Contains("does not exist and is skipped", failed.Output);
        Assert.Contains("was not ready within 1 s", unreachable.Error);
    }

    private static Task<ProcessResult> RunAsync(TestProject project, ModuleDatabase database, string script)
    {
        var setup = string.Create(CultureInfo.InvariantCulture, $"$env:HASURA_GRAPHQL_DATABASE_URL = '{database.ConnectionString.Replace("'", "''", StringComparison.Ordinal)}'; $env:HASURA_GRAPHQL_MIGRATIONS_DIR = '{project.Path}/migrations'; $env:HASURA_GRAPHQL_METADATA_DIR = '{project.Path}/metadata'; if (Test-Path '{project.Path}/seeds') {{ $env:HASURA_GRAPHQL_SEEDS_DIR = '{project.Path}/seeds' }}; Set-Location '{AppContext.BaseDirectory}'; Import-Module '{Repository.Manifest}'; ");
        return Pwsh.RunAsync(["-NonInteractive", "-Command", setup + script]);
    }
}
