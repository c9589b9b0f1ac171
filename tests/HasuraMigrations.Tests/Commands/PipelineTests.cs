using HasuraMigrations.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Tests.Commands;

/// <summary>What comes through the pipeline, and what the next command takes.</summary>
public sealed class PipelineTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Theory]
    [Trait("Case", "9.3")]
    [InlineData("Get-HasuraMigration @p | Get-HasuraMigration @p", 3)]
    [InlineData("Get-HasuraMigration @p | Where-Object Version -eq 1 | Get-HasuraMigration @p", 1)]
    [InlineData("Get-HasuraMigration @p | Where-Object Version -gt 9 | Get-HasuraMigration @p", 0)]
    [InlineData("Get-HasuraMigration @p | Get-HasuraMigrationLog @p", 3)]
    [InlineData("Get-HasuraMigration @p | Where-Object Version -eq 3 | Get-HasuraMigrationLog @p", 1)]
    [InlineData("Get-HasuraMigration @p | Test-HasuraMigration @p", 1)]
    [InlineData("[pscustomobject]@{ Database = 'default' }, [pscustomobject]@{ Database = 'default'; Version = 1 } | Get-HasuraMigration @p", 3)]
    [InlineData("[pscustomobject]@{ Database = 'default'; Version = '1' }, [pscustomobject]@{ Database = 'd*'; Version = '2' } | Get-HasuraMigration @p", 2)]
    public void Input_is_joined_so_that_each_migration_comes_once(string script, int expected)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        Run(project, database, "Invoke-HasuraMigration @p").Well();

        Assert.Equal(expected, Run(project, database, script).Well().Output.Count);
    }

    [Fact]
    [Trait("Case", "9.4")]
    public void Results_that_nobody_took_are_named()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(4);

        var run = Run(project, database, "foreach ($i in 1) { Invoke-HasuraMigration @p | ForEach-Object { $_; break } }").Well();

        Assert.Equal(["1"], run.Values("Version"));
        var committed = Run(project, database, "Get-HasuraMigration @p -Applied").Well().Output.Count;
        Assert.Equal(committed > 1, run.Warnings.Any(w => w.Contains($"but {committed - 1} more migration")));
    }

    [Fact]
    [Trait("Case", "9.10")]
    public void A_run_ends_with_a_line_that_can_be_silenced()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);

        Assert.StartsWith("Applied 1 migration: database 'default' on ", Assert.Single(Run(project, database, "Invoke-HasuraMigration @p -Count 1").Well().Information));
        Assert.Empty(Run(project, database, "Invoke-HasuraMigration @p -InformationAction SilentlyContinue").Well().Information);
        Assert.StartsWith("Nothing to do for database 'default' on ", Assert.Single(Run(project, database, "Invoke-HasuraMigration @p").Well().Information));
        Assert.Empty(Run(project, database, "Invoke-HasuraMigration @p -InformationAction Ignore").Well().Information);
        Assert.StartsWith("Rolled back 2 migrations: ", Assert.Single(Run(project, database, "Undo-HasuraMigration @p -Count 2 -Confirm:$false").Well().Information));
    }

    [Fact]
    [Trait("Case", "9.10")]
    public void A_migration_without_a_transaction_has_a_duration()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "-- hasura:no-transaction\nCREATE TABLE t1 (id int);\nCREATE INDEX CONCURRENTLY ON t1 (id);\n");

        Assert.NotEqual("", Assert.Single(Run(project, database, "Invoke-HasuraMigration @p").Well().Values("Duration")));
    }

    [Fact]
    [Trait("Case", "9.10")]
    public void A_wait_for_a_table_lock_is_a_warning_once()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1).With(2, "wait", "ALTER TABLE t1 ADD COLUMN b int;");
        Run(project, database, "Invoke-HasuraMigration @p -Count 1").Well();
        using var holder = new NpgsqlConnection(database.ConnectionString);
        holder.Open();
        using var lockTable = new NpgsqlCommand("BEGIN; LOCK TABLE t1", holder);
        lockTable.ExecuteNonQuery();

        var run = Run(project, database, "Invoke-HasuraMigration @p -DdlTimeout 4");

        Assert.NotEqual("", run.ErrorId);
        Assert.Contains($"pid {holder.ProcessID}", Assert.Single(run.Warnings, w => w.StartsWith("WaitingForTableLock", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_log_tells_of_each_attempt()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1).With(2, "bad", "SELECT 1/0;");
        Run(project, database, "Invoke-HasuraMigration @p");

        var all = Run(project, database, "Get-HasuraMigrationLog @p").Well();
        var failed = Run(project, database, "Get-HasuraMigrationLog @p -Failed").Well();

        Assert.Equal(["succeeded", "failed"], all.Values("Outcome").OrderDescending());
        Assert.Equal(["22012"], failed.Values("SqlState"));
        Assert.Single(Run(project, database, "Get-HasuraMigrationLog @p -Newest 1").Well().Output);
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run(script, ("p", new System.Collections.Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString }));
}
