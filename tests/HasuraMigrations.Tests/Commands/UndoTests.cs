using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class UndoTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Theory]
    [InlineData("", "t1,t2")]
    [InlineData("-Count 2", "t1")]
    [InlineData("-All", "")]
    [InlineData("-To 1", "t1")]
    [InlineData("-To 0", "")]
    [InlineData("-Version 2", "t1,t3")]
    [InlineData("-All -SkipExecution", "t1,t2,t3")]
    public void Rolls_back_what_it_is_told(string parameters, string expected)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        Run(project, database, "Invoke-HasuraMigration @p").Well();

        Run(project, database, $"Undo-HasuraMigration @p {parameters} -Confirm:$false").Well();

        Assert.Equal(expected, database.Tables());
    }

    [Fact]
    public void Asks_first_and_does_nothing_after_a_no()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        Run(project, database, "Invoke-HasuraMigration @p").Well();

        var nobody = Run(project, database, "Undo-HasuraMigration @p");
        shell.Host.Answer = 2;
        Run(project, database, "Undo-HasuraMigration @p").Well();

        Assert.Equal("RollbackNotConfirmed", nobody.ErrorId);
        Assert.Contains("-Confirm:$false", nobody.Errors[0].ErrorDetails.RecommendedAction);
        Assert.Contains("Roll back migration 1_table_1", shell.Host.Questions[^1].Message);
        Assert.Equal("t1", database.Tables());

        shell.Host.Answer = 0;
        Run(project, database, "Undo-HasuraMigration @p").Well();
        shell.Host.Answer = null;
        Assert.Equal("", database.Tables());
    }

    [Fact]
    public void What_if_rolls_nothing_back()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        Run(project, database, "Invoke-HasuraMigration @p").Well();

        var plan = Run(project, database, "Undo-HasuraMigration @p -All -WhatIf").Well();

        Assert.Equal(["2", "1"], plan.Values("Version"));
        Assert.Equal(["Down", "Down"], plan.Values("Direction"));
        Assert.Equal("t1,t2", database.Tables());
    }

    [Fact]
    public void A_missing_or_empty_down_is_refused_without_the_switch()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "CREATE TABLE t1 (id int);").With(2, "b", "CREATE TABLE t2 (id int);", "-- nothing here\n");
        Run(project, database, "Invoke-HasuraMigration @p").Well();

        Assert.Equal("DownEmpty", Run(project, database, "Undo-HasuraMigration @p -Version 2 -Confirm:$false").ErrorId);
        Assert.Equal("DownMissing", Run(project, database, "Undo-HasuraMigration @p -Version 1 -Confirm:$false").ErrorId);

        var run = Run(project, database, "Undo-HasuraMigration @p -All -AllowEmptyDown -Confirm:$false").Well();
        Assert.Equal(["2", "1"], run.Values("Version"));
    }

    [Fact]
    public void Rolls_back_from_the_history_when_the_files_are_gone()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1).With(2, "b", "SELECT 1;", "SELECT 1/0;");
        Run(project, database, "Invoke-HasuraMigration @p").Well();
        Directory.Delete(Path.Combine(project.Path, "migrations"), recursive: true);

        Assert.Equal("DownMissing", Run(project, database, "Undo-HasuraMigration @p -Confirm:$false").ErrorId);
        var failed = Run(project, database, "Undo-HasuraMigration @p -FromHistory -Confirm:$false");
        Run(project, database, "Undo-HasuraMigration @p -Version 1 -FromHistory -Confirm:$false").Well();

        Assert.Contains("failed at 1:1 of down.sql kept in the history", failed.Errors[0].ToString());
        Assert.Equal("", database.Tables());
    }

    [Fact]
    public void Takes_results_of_a_run_from_the_pipeline()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);

        Run(project, database, "Invoke-HasuraMigration @p | Undo-HasuraMigration @p -Confirm:$false").Well();

        Assert.Equal("", database.Tables());
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run(script, ("p", new System.Collections.Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString }));
}
