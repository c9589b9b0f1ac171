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

    [Fact]
    public void Directories_variables_and_a_project_name_what_is_applied()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        project.Write("metadata/version.yaml", "version: 2\n");
        project.Write("metadata/tables.yaml", "- table: {schema: public, name: t1}\n- table: {schema: public, name: t2}\n- table: {schema: public, name: nothing}\n");
        project.Write("seeds/rows.sql", "INSERT INTO t1 VALUES (1);");
        using var shell = new HostedShell();
        const string Apply = "Publish-HasuraProject -AutoApply -ConnectionString $c -Timeout 5 -WarningAction SilentlyContinue";
        string Run(string script) => string.Join(' ', shell.Run($"$r = {script}; $r.Applied, $r.Seeds.Count, $r.Metadata.Changes.Count, $r.Metadata.IsConsistent", ("c", database.ConnectionString), ("d", project.Path)).Well().Output.Select(o => $"{o}"));

        // Inconsistent metadata is a warning, as with the images; seed files run once.
        Assert.Equal("2 1 3 False", Run($"{Apply} -MigrationsDirectory $d/migrations -MetadataDirectory $d/metadata -SeedsDirectory $d/seeds -ConfigVersion 2"));
        Assert.Equal("0 1 0 False", Run($"{Apply} -Project $d -WithSeeds -NoReload"));
        Assert.Equal("1", database.Scalar("SELECT count(*)::text FROM t1"));
        Assert.Equal("ProjectAmbiguous", shell.Run($"{Apply} -Project $d -MetadataDirectory $d", ("c", database.ConnectionString)).ErrorId);
        Assert.Empty(shell.Run($"{Apply} -MigrationsDirectory $d/none -MetadataDirectory $d/none", ("c", database.ConnectionString)).Well().Output);
    }

    private static Task<ProcessResult> RunAsync(TestProject project, ModuleDatabase database, string script)
    {
        var setup = string.Create(CultureInfo.InvariantCulture, $"$env:HASURA_GRAPHQL_DATABASE_URL = '{database.ConnectionString.Replace("'", "''", StringComparison.Ordinal)}'; $env:HASURA_GRAPHQL_MIGRATIONS_DIR = '{project.Path}/migrations'; $env:HASURA_GRAPHQL_METADATA_DIR = '{project.Path}/metadata'; if (Test-Path '{project.Path}/seeds') {{ $env:HASURA_GRAPHQL_SEEDS_DIR = '{project.Path}/seeds' }}; Set-Location '{AppContext.BaseDirectory}'; Import-Module '{Repository.Manifest}'; ");
        return Pwsh.RunAsync(["-NonInteractive", "-Command", setup + script]);
    }
}
