using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class RepeatableTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void Files_are_planned_run_and_shown()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        project.Write("migrations/repeatable/v.sql", "CREATE OR REPLACE VIEW v AS SELECT id FROM t1;");

        var planned = Run(project, database, "Invoke-HasuraMigration @p -WhatIf").Well();
        var run = Run(project, database, "Invoke-HasuraMigration @p -SummaryVariable s -Verbose; $s").Well();
        var again = Run(project, database, "Invoke-HasuraMigration @p").Well();
        var well = Run(project, database, "Test-HasuraMigration @p").Well();
        project.Write("migrations/repeatable/v.sql", "CREATE OR REPLACE VIEW v AS SELECT id, 1 AS one FROM t1;");
        var changed = Run(project, database, "Test-HasuraMigration @p -Detailed | Where-Object Severity -eq Warning").Well();
        var status = Run(project, database, "Get-HasuraMigration @p").Well();
        var shown = shell.Show("Get-HasuraMigration @p");

        Assert.Equal([("1", "table_1"), ("0", "repeatable/v.sql")], planned.Values("Version").Zip(planned.Values("Name")));
        Assert.Equal(["Applied 1_table_1", "Applied repeatable/v.sql"], run.Output.Take(2).Select(o => $"{o}"));
        Assert.StartsWith("Applied 2 migrations: ", $"{run.Output[2]}");
        Assert.Contains("Applying repeatable/v.sql on database 'default' (2 of 2).", run.Verbose);
        Assert.Contains(again.Information, i => i.StartsWith("Nothing to do for database 'default'", StringComparison.Ordinal));
        Assert.Equal("True", $"{well.Output[0]}");
        Assert.Equal(["MigrationPending"], changed.Values("Id"));
        Assert.Equal(["The repeatable file 'repeatable/v.sql' changed since it ran."], changed.Values("Message"));
        Assert.Equal([("Applied", "False"), ("Pending", "True")], status.Values("Status").Zip(status.Values("IsRepeatable")));
        Assert.Contains("repeatable/v.sql (changed)", shown);
    }

    [Fact]
    public void What_is_pending_can_be_piped_and_files_can_be_left_out_or_run_alone()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        project.Write("migrations/repeatable/v.sql", "CREATE VIEW v AS SELECT 1 AS one;");

        var skipped = Run(project, database, "Invoke-HasuraMigration @p -SkipRepeatable").Well();
        var alone = Run(project, database, "Invoke-HasuraMigration @p -Repeatable").Well();
        project.Write("migrations/repeatable/v.sql", "CREATE OR REPLACE VIEW v AS SELECT 2 AS one;");
        var piped = Run(project, database, "Get-HasuraMigration @p -Pending | Invoke-HasuraMigration @p").Well();
        var undone = Run(project, database, "Get-HasuraMigration @p | Undo-HasuraMigration @p -Confirm:$false").Well();
        var listed = Run(project, database, "Invoke-HasuraMigration @p -Version 1 | Get-HasuraMigration @p; Get-HasuraMigration @p -Version 0").Well();
        var zero = Run(project, database, "Invoke-HasuraMigration @p -Version 0");
        var removed = Run(project, database, "Get-HasuraMigration @p -Version 0 | Remove-HasuraMigration @p -Confirm:$false");

        Assert.Equal(["table_1", "table_2"], skipped.Values("Name"));
        Assert.Equal(["repeatable/v.sql"], alone.Values("Name"));
        Assert.Equal(["repeatable/v.sql"], piped.Values("Name"));
        Assert.Equal(["2", "1"], undone.Values("Version"));
        Assert.Equal(["table_1", "repeatable/v.sql"], listed.Values("Name"));
        Assert.Equal("MigrationVersionInvalid", zero.ErrorId);
        Assert.Equal("The version 0 stands for repeatable files, which the command does not accept.", $"{removed.Errors[0]}");
        Assert.Equal("2", database.Scalar("SELECT one::text FROM v"));
    }

    [Fact]
    public void Failures_are_shown_together_with_their_lines()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject();
        var one = project.Write("migrations/repeatable/a.sql", "SELECT 1;\nSELECT nope;");
        project.Write("migrations/repeatable/b.sql", "SELECT 1;");
        var other = project.Write("migrations/repeatable/c.sql", "SELECT 1/0;");

        var run = Run(project, database, "Invoke-HasuraMigration @p");
        var report = Run(project, database, "$x | Export-HasuraReport -Path $d/r.sarif; Get-Content $d/r.sarif -Raw", ("x", run.Errors[0]));

        Assert.Equal("RepeatableFailed", run.ErrorId);
        Assert.Contains($"{one}:2:8: The repeatable file 'repeatable/a.sql' failed in statement 2: 42703: ", $"{run.Errors[0]}");
        Assert.Contains($"{other}:1:1: The repeatable file 'repeatable/c.sql' failed in statement 1: 22012: ", $"{run.Errors[0]}");
        Assert.Contains("RepeatableFailed", $"{report.Well().Output[0]}");
    }

    [Fact]
    public void A_file_that_is_gone_is_taken_out_of_the_record()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject();
        var file = project.Write("migrations/repeatable/a.sql", "CREATE VIEW a AS SELECT 1 AS one;");
        Run(project, database, "Invoke-HasuraMigration @p").Well();
        File.Delete(file);

        var well = Run(project, database, "Test-HasuraMigration @p").Well();
        var planned = shell.Show("Invoke-HasuraMigration @p -WhatIf");
        var run = Run(project, database, "Invoke-HasuraMigration @p").Well();

        Assert.Equal(["file removed"], run.Values("Notes"));
        Assert.Equal("True", $"{well.Output[0]}");
        Assert.Contains("Remove the record of repeatable file repeatable/a.sql, which no longer exists", planned);
        Assert.Equal(["Forgotten"], run.Values("Outcome"));
        Assert.Contains(run.Information, i => i.StartsWith("Removed the record of 1 migration: ", StringComparison.Ordinal));
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script, params (string Name, object? Value)[] more) =>
        shell.Run($"$p = @{{ Project = $d; ConnectionString = $c }}; {script}", [("d", project.Path), ("c", database.ConnectionString), .. more]);
}
