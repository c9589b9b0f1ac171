using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class InvokeTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void Applies_what_is_pending_and_writes_a_result_for_each()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);

        var first = Run(project, database, "Invoke-HasuraMigration @p -Verbose").Well();
        var second = Run(project, database, "Invoke-HasuraMigration @p -Verbose").Well();

        Assert.Equal(["1", "2", "3"], first.Values("Version"));
        Assert.All(first.Output, o => Assert.Equal("HasuraMigrations.MigrationResult", o.TypeNames[0]));
        Assert.Contains(first.Verbose, v => v.Contains("Applying 2_table_2 on database 'default' (2 of 3)"));
        Assert.Equal("t1,t2,t3", database.Tables());
        Assert.Empty(second.Output);
        Assert.Matches("^Applied 3 migrations: database 'default' on .*, .*s, 0 pending\\.$", Assert.Single(first.Information));
        Assert.StartsWith("Nothing to do for database 'default' on ", Assert.Single(second.Information));
    }

    [Theory]
    [InlineData("-Count 2", "t1,t2")]
    [InlineData("-To 2", "t1,t2")]
    [InlineData("-Version 3", "t3")]
    [InlineData("-Version 3,1", "t1,t3")]
    [InlineData("-SkipExecution", "")]
    [InlineData("-TransactionMode All -NoReload -NoStoreText -LockTimeout 5 -DdlTimeout 00:00:05 -StatementTimeout 30 -RejectOutOfOrder -AllowChanged -Force", "t1,t2,t3")]
    public void Goes_as_far_as_it_is_told(string parameters, string expected)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);

        Run(project, database, $"Invoke-HasuraMigration @p {parameters}").Well();

        Assert.Equal(expected, database.Tables());
    }

    [Fact]
    public void A_count_that_is_not_reached_is_a_warning_or_with_Strict_an_error()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);

        Assert.Equal("MigrationsTooFew", Run(project, database, "Invoke-HasuraMigration @p -Count 3 -Strict").ErrorId);
        Assert.Equal("", database.Tables());
        var up = Run(project, database, "Invoke-HasuraMigration @p -Count 3").Well();
        Assert.Equal("MigrationsTooFew", Run(project, database, "Undo-HasuraMigration @p -Count 3 -Strict -Confirm:$false").ErrorId);
        Assert.Equal("t1,t2", database.Tables());
        var down = Run(project, database, "Undo-HasuraMigration @p -Count 3 -Confirm:$false; Undo-HasuraMigration @p -Confirm:$false").Well();

        Assert.Contains("3 migrations were requested, but only 2 are pending.", Assert.Single(up.Warnings));
        Assert.Contains("3 migrations were requested, but only 2 are applied.", Assert.Single(down.Warnings));
        Assert.Equal("", database.Tables());
    }

    [Fact]
    public void What_if_shows_the_plan_and_writes_nothing()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        var before = database.Objects();

        var plan = Run(project, database, "Invoke-HasuraMigration @p -WhatIf").Well();
        Run(project, database, "Repair-HasuraMigration @p -Version 1 -As Applied -WhatIf; Repair-HasuraMigration @p -State -WhatIf").Well();

        Assert.All(plan.Output, o => Assert.Equal("HasuraMigrations.PlannedMigrationInfo", o.TypeNames[0]));
        Assert.Equal(["1", "2"], plan.Values("Version"));
        Assert.Contains("Performing the operation \"Apply migration 1_table_1\" on target \"database 'default' on ", shell.Host.Text);
        Assert.Equal(before, database.Objects());
    }

    [Fact]
    public void Only_what_the_user_agrees_to_is_run()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        shell.Host.Answer = 2;

        var run = Run(project, database, "Invoke-HasuraMigration @p -Confirm").Well();

        shell.Host.Answer = null;
        Assert.Empty(run.Output);
        Assert.Contains(shell.Host.Questions, q => q.Message.Contains("Apply migration 1_table_1"));
        Assert.Equal("", database.Tables());
    }

    [Fact]
    public void Takes_migrations_from_the_pipeline()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);

        Run(project, database, "Get-HasuraMigration @p -Pending | Where-Object Version -ne 2 | Invoke-HasuraMigration @p").Well();

        Assert.Equal("t1,t3", database.Tables());
    }

    [Fact]
    public void An_empty_pipeline_applies_nothing()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);

        Run(project, database, "Get-HasuraMigration @p -Applied | Invoke-HasuraMigration @p; Get-HasuraMigration @p -Applied | Undo-HasuraMigration @p").Well();

        Assert.Equal("", database.Tables());
    }

    [Fact]
    public void A_failure_names_statement_place_and_what_stays()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1).With(2, "bad", "CREATE TABLE ok (id int);\n\nSELECT nothing FROM t1;\n");

        var run = Run(project, database, "Invoke-HasuraMigration @p");

        Assert.Equal("MigrationFailed", run.ErrorId);
        Assert.Equal(["1"], run.Values("Version"));
        var error = run.Errors[0];
        var text = error.ToString();
        Assert.Contains(Path.Combine("2_bad", "up.sql") + ":3:8, statement 2", text);
        Assert.Contains("42703", text);
        Assert.Contains("1 migration of this run was committed before it.", text);
        Assert.Equal("InvalidResult", error.CategoryInfo.Category.ToString());
        Assert.Equal(2L, error.TargetObject);
        Assert.StartsWith("Correct the statement named", error.ErrorDetails.RecommendedAction);
        Assert.Equal("t1", database.Tables());
    }

    [Fact]
    public void Results_before_a_failure_can_be_kept()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2).With(3, "bad", "SELECT 1/0;");

        var run = Run(project, database, "try { Invoke-HasuraMigration @p -OutVariable done | Out-Null } catch { $done.Version }").Well();

        Assert.Equal([1L, 2L], run.Output.Select(o => o.BaseObject));
    }

    [Fact]
    public void Every_error_of_a_plan_is_in_one_error()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "COMMIT;").With(2, "b", "VACUUM;");

        var run = Run(project, database, "Invoke-HasuraMigration @p");

        Assert.Equal("PlanRefused", run.ErrorId);
        Assert.Contains("TransactionControl", run.Errors[0].ToString());
        Assert.Contains("NotInTransaction", run.Errors[0].ToString());
    }

    [Fact]
    public void Going_down_needs_force_or_a_yes()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        Run(project, database, "Invoke-HasuraMigration @p").Well();

        var refused = Run(project, database, "Invoke-HasuraMigration @p -To 1");
        Assert.Equal("RollbackNotConfirmed", refused.ErrorId);
        Assert.Equal("t1,t2", database.Tables());

        var forced = Run(project, database, "Invoke-HasuraMigration @p -To 1 -Force").Well();
        Assert.Equal(["RolledBack"], forced.Values("Outcome"));
        Assert.Equal("t1", database.Tables());
    }

    [Theory]
    [InlineData("throw 'enough'", "enough")]
    [InlineData("break", "")]
    [InlineData("$x.no.such.method()", "InvokeMethodOnNull")]
    public void Whatever_ends_the_pipeline_downstream_ends_the_run(string end, string error)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2).With(3, "slow", "SELECT pg_sleep(20); CREATE TABLE t3 (id int);");

        var run = Run(project, database, $"$ErrorActionPreference = 'Stop'; foreach ($i in 1) {{ Invoke-HasuraMigration @p | ForEach-Object {{ if ($_.Version -eq 2) {{ {end} }} }} }}");

        shell.Set("ErrorActionPreference", "Continue");
        Assert.Equal(error, run.ErrorId);
        Assert.Equal("t1,t2", database.Tables());
        Assert.Equal("0", database.Scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid() AND state = 'active'"));
    }

    [Fact]
    public void Projects_of_config_version_1_run_in_one_transaction()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2, version: 1).With(3, "bad", "SELECT 1/0;");

        var run = Run(project, database, "Invoke-HasuraMigration @p");

        Assert.Equal("MigrationFailed", run.ErrorId);
        Assert.Equal("", database.Tables());
    }

    [Fact]
    public void Progress_ends_with_completed()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);

        var run = Run(project, database, "Invoke-HasuraMigration @p").Well();

        Assert.Equal("1 of 2: 1_table_1", run.Progress[0].StatusDescription);
        Assert.Equal("Completed", run.Progress[^1].RecordType.ToString());
        Assert.Single(run.Progress.Select(p => p.ActivityId).Distinct());
    }

    [Fact]
    public void Parameters_that_exclude_each_other_do_not_bind()
    {
        var run = shell.Run("Invoke-HasuraMigration -Count 1 -To 2");

        Assert.Equal("AmbiguousParameterSet", run.ErrorId);
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run(script, ("p", new System.Collections.Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString }));
}
