using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class StatusTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void Get_shows_each_migration_and_filters()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(12);
        Run(project, database, "Invoke-HasuraMigration @p -Count 10").Well();

        Assert.Equal(12, Run(project, database, "Get-HasuraMigration @p").Well().Output.Count);
        Assert.Equal(["11", "12"], Run(project, database, "Get-HasuraMigration @p -Pending").Well().Values("Version"));
        Assert.Equal(10, Run(project, database, "Get-HasuraMigration @p -Applied").Well().Output.Count);
        Assert.Equal(["1", "10", "11", "12"], Run(project, database, "Get-HasuraMigration @p -Version 1*").Well().Values("Version"));
        Assert.Equal(["3"], Run(project, database, "Get-HasuraMigration @p -Version 3").Well().Values("Version"));
        Assert.Equal("MigrationNotFound", Run(project, database, "Get-HasuraMigration @p -Version 99").ErrorId);
        Assert.Empty(Run(project, database, "Get-HasuraMigration @p -Version 99*").Well().Output);
    }

    [Fact]
    public void Reading_writes_nothing()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        var before = database.Objects();

        Run(project, database, "Get-HasuraMigration @p; Test-HasuraMigration @p; Get-HasuraProject -Project $p.Project").Well();

        Assert.Equal(before, database.Objects());
    }

    [Fact]
    public void Test_is_true_when_all_is_in_order_and_says_why_it_is_not()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);

        Assert.Equal([false], Answer(project, database));
        Assert.Contains("MigrationPending", Run(project, database, "Test-HasuraMigration @p -Detailed").Well().Values("Id"));

        Run(project, database, "Invoke-HasuraMigration @p").Well();
        Assert.Equal([true], Answer(project, database));

        project.Write("migrations/1_table_1/up.sql", "CREATE TABLE other (id int);");
        Assert.Equal([false], Answer(project, database));
        Assert.Contains("MigrationChanged", Run(project, database, "Test-HasuraMigration @p -Detailed").Well().Values("Id"));

        Directory.Delete(Path.Combine(project.Path, "migrations", "1_table_1"), recursive: true);
        Assert.Contains("MigrationFileMissing", Run(project, database, "Test-HasuraMigration @p -Detailed").Well().Values("Id"));
        Assert.Equal([false], Answer(project, database));
    }

    [Fact]
    public void What_another_tool_applied_is_foreign_until_it_is_taken_over()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        database.Execute("CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO hdb_catalog.schema_migrations VALUES (1, false)");

        Assert.Equal(["Hasura"], Run(project, database, "Get-HasuraMigration @p").Well().Values("Origin"));
        Assert.Equal([false], Answer(project, database));
        Assert.Contains("MigrationForeign", Run(project, database, "Test-HasuraMigration @p -Detailed").Well().Values("Id"));

        Run(project, database, "Repair-HasuraMigration @p -State").Well();
        Assert.Equal([true], Answer(project, database));
    }

    [Fact]
    public void A_version_in_doubt_and_a_squash_that_is_not_recorded_are_not_in_order()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1).With(2, "trim", "SELECT trim('a');", "SELECT 1;").With(3, "trim", "SELECT trim('b');", "SELECT 1;");
        database.Execute("CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)");
        Run(project, database, "Invoke-HasuraMigration @p").Well();
        Assert.Equal([true], Answer(project, database));

        database.Execute("DELETE FROM hdb_catalog.schema_migrations WHERE version = 2");
        Assert.Contains("StateInDoubt", Run(project, database, "Test-HasuraMigration @p -Detailed").Well().Values("Id"));
        Assert.Equal([false], Answer(project, database));

        database.Execute("INSERT INTO hdb_catalog.schema_migrations VALUES (2, false)");
        Directory.Delete(Path.Combine(project.Path, "migrations", "2_trim"), recursive: true);
        Directory.Delete(Path.Combine(project.Path, "migrations", "3_trim"), recursive: true);
        _ = project.With(4, "squashed", "SELECT trim('a');\nSELECT trim('b');", "SELECT 1;");
        database.Execute("DELETE FROM hdb_catalog.schema_migrations WHERE version IN (2, 3); INSERT INTO hdb_catalog.schema_migrations VALUES (4, false)");
        Assert.Contains("MigrationSquashed", Run(project, database, "Test-HasuraMigration @p -Detailed").Well().Values("Id"));
        Assert.Equal([false], Answer(project, database));
    }

    [Fact]
    public void One_answer_is_given_for_several_databases_and_a_failure_does_not_stop_the_others()
    {
        using var database = server.CreateDatabase();
        using var project = Several();
        var strings = new System.Collections.Hashtable { ["one"] = database.ConnectionString, ["two"] = database.With(b => b.Database = "no_such_db") };

        var get = shell.Run("Get-HasuraMigration -Project $d -ConnectionString $c", ("d", project.Path), ("c", strings));
        var test = shell.Run("Test-HasuraMigration -Project $d -ConnectionString $c", ("d", project.Path), ("c", strings));

        Assert.Equal(["one"], get.Values("Database"));
        Assert.Equal("DatabaseMissing", get.ErrorId);
        Assert.Equal([false], test.Output.Select(o => o.BaseObject));
    }

    [Fact]
    public void Writing_to_one_of_several_databases_wants_its_name()
    {
        using var database = server.CreateDatabase();
        using var project = Several();
        var strings = new System.Collections.Hashtable { ["one"] = database.ConnectionString, ["two"] = database.ConnectionString };

        var none = shell.Run("Invoke-HasuraMigration -Project $d -ConnectionString $c", ("d", project.Path), ("c", strings));
        var single = shell.Run("Invoke-HasuraMigration -Project $d -ConnectionString $c -Database *", ("d", project.Path), ("c", database.ConnectionString));
        var named = shell.Run("Invoke-HasuraMigration -Project $d -ConnectionString $c -Database o*", ("d", project.Path), ("c", strings));

        Assert.Equal("DatabaseRequired", none.ErrorId);
        Assert.Equal("ConnectionAmbiguous", single.ErrorId);
        Assert.Equal(["one"], named.Well().Values("Database"));
        Assert.Equal("t1", database.Tables());
    }

    [Fact]
    public void Repair_accepts_checksums_and_sets_records()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        Run(project, database, "Invoke-HasuraMigration @p -Count 1").Well();
        project.Write("migrations/1_table_1/up.sql", "CREATE TABLE t1 (id int NOT NULL);");
        Assert.Equal("MigrationChanged", Run(project, database, "Invoke-HasuraMigration @p").ErrorId);

        var accepted = Run(project, database, "Repair-HasuraMigration @p -AcceptChecksum").Well();
        var applied = Run(project, database, "Repair-HasuraMigration @p -Version 2 -As Applied").Well();
        var again = Run(project, database, "Repair-HasuraMigration @p -Version 2 -As Applied");
        var back = Run(project, database, "Repair-HasuraMigration @p -Version 2 -As RolledBack").Well();

        Assert.Equal(["Unchanged"], accepted.Values("ChecksumState"));
        Assert.Equal(["Applied"], applied.Values("Status"));
        Assert.Equal("RepairNotPossible", again.ErrorId);
        Assert.Equal(["Pending"], back.Values("Status"));
        Assert.Equal("t1", database.Tables());
    }

    private static TestProject Several()
    {
        var project = new TestProject(3);
        return project.With(1, "a", "CREATE TABLE t1 (id int);", "DROP TABLE t1;", "one").With(2, "b", "CREATE TABLE t2 (id int);", "DROP TABLE t2;", "two");
    }

    private IEnumerable<object> Answer(TestProject project, ModuleDatabase database) => Run(project, database, "Test-HasuraMigration @p").Well().Output.Select(o => o.BaseObject);

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run(script, ("p", new System.Collections.Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString }));
}
