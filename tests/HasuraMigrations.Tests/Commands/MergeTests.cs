using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class MergeTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void Squashes_applied_migrations_and_then_their_records_on_another_database()
    {
        using var database = server.CreateDatabase();
        using var other = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        Run(project, database, "Invoke-HasuraMigration @p").Well();
        Run(project, other, "Invoke-HasuraMigration @p").Well();

        var whatIf = Run(project, database, "Merge-HasuraMigration 1 @p -WhatIf").Well();
        var run = Run(project, database, "Merge-HasuraMigration 1 @p -Name sq -LockTimeout 60 -ReconnectTimeout 60");
        ShellOutput.SkipWithoutDump(run.Errors);
        run.Well();
        var completed = Run(project, other, "Merge-HasuraMigration 1 3 @p").Well();
        var again = Run(project, other, "Merge-HasuraMigration 1 @p").Well();

        Assert.Empty(whatIf.Output);
        Assert.Equal(["3", "sq", "True", "True", "True"], new[] { "Version", "Name", "IsProven", "AreFilesWritten", "AreRecordsReplaced" }.Select(n => run.Values(n)[0]));
        Assert.Equal(["3", "sq", "False", "False", "True"], new[] { "Version", "Name", "IsProven", "AreFilesWritten", "AreRecordsReplaced" }.Select(n => completed.Values(n)[0]));
        Assert.Equal(["False"], again.Values("AreRecordsReplaced"));
        foreach (var place in new[] { database, other })
        {
            Assert.Equal(["Applied"], Run(project, place, "Get-HasuraMigration @p").Well().Values("Status"));
            Assert.Equal([true], Run(project, place, "Test-HasuraMigration @p").Well().Output.Select(o => o.BaseObject));
            Assert.Equal("t1,t2,t3", place.Tables());
        }
    }

    [Fact]
    public void The_proof_takes_the_values_of_variables_below_the_range()
    {
        using var project = TestProject.OfTables(3).With(1, "table_1", "-- hasura:variables\nCREATE TABLE t1 AS SELECT ${text} AS a, ${other} AS b;", "DROP TABLE t1;");
        project.Write("values.env", "other=1\n");
        const string merge = "Merge-HasuraMigration 2 -Project $d -NoRecord";

        var refused = shell.Run($"try {{ {merge} }} catch {{ $_.Exception.Message }}", ("d", project.Path));
        ShellOutput.SkipWithoutDump(refused.Errors);
        var run = shell.Run($"{merge} -Variable @{{ text = 'x' }} -VariablePath (Join-Path $d values.env)", ("d", project.Path)).Well();

        Assert.Matches("could not be proven .* nothing was written: error VariableMissing: .* The variable 'text' has no value\\.", $"{Assert.Single(refused.Output)}");
        Assert.Equal(["True"], run.Values("IsProven"));
    }

    [Fact]
    public void Without_a_connection_only_files_are_squashed_and_the_result_says_so()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);

        var squash = shell.Run("Merge-HasuraMigration 1 -Project $d -SkipProof -KeepVersion New -BackupPath (Join-Path $d old) | Select-Object Version, AreRecordsReplaced, @{ n = 'Ids'; e = { $_.Findings.Id -join ',' } }", ("d", project.Path)).Well();
        var refused = Run(project, database, "Invoke-HasuraMigration @p -Count 1").Well();

        Assert.Equal(["False"], squash.Values("AreRecordsReplaced"));
        Assert.Equal(["SquashNotRecorded"], squash.Values("Ids"));
        Assert.Equal(3, Directory.GetFileSystemEntries(Path.Combine(project.Path, "old")).Length);
        Assert.Equal(squash.Values("Version"), refused.Values("Version"));
        Assert.Equal("t1,t2,t3", database.Tables());
    }

    [Fact]
    public void An_interrupted_squash_stops_runs_and_is_completed_by_the_same_call_alone()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        Run(project, database, "Invoke-HasuraMigration @p").Well();
        var squash = Run(project, database, "Merge-HasuraMigration 1 @p -NoRecord -SkipProof").Well();
        // As if it had stopped before the last move.
        var migrations = Path.Combine(project.Path, "migrations");
        var staging = Path.Combine(migrations, ".squash_1_to_3");
        Directory.CreateDirectory(staging);
        File.WriteAllText(Path.Combine(staging, "backup.txt"), squash.Values("BackupPath")[0]);
        Directory.Move(squash.Values("Path")[0], Path.Combine(staging, "3_squashed"));

        var run = Run(project, database, "Invoke-HasuraMigration @p");
        var other = Run(project, database, "Merge-HasuraMigration 2 @p -SkipProof");
        var same = Run(project, database, "Merge-HasuraMigration 1 @p").Well();

        Assert.Equal(("SquashUnfinished", "SquashUnfinished"), (run.ErrorId, other.ErrorId));
        Assert.Equal(["True"], same.Values("AreRecordsReplaced"));
        Assert.False(Directory.Exists(staging));
        Assert.Equal(["Applied"], Run(project, database, "Get-HasuraMigration @p").Well().Values("Status"));
    }

    [Theory]
    [InlineData("Merge-HasuraMigration x @p", "MigrationVersionInvalid")]
    [InlineData("Merge-HasuraMigration 9 @p", "MigrationNotFound")]
    [InlineData("Merge-HasuraMigration 3 @p", "SquashRangeInvalid")]
    [InlineData("Merge-HasuraMigration 1 2 @p -KeepVersion New", "SquashRangeInvalid")]
    [InlineData("Merge-HasuraMigration 1 @p -Name 'a/b'", "MigrationNameInvalid")]
    [InlineData("Merge-HasuraMigration 1 @p -SetupPath ./missing.sql", "FileUnreadable")]
    [InlineData("Merge-HasuraMigration 1 @p -BackupPath (Join-Path $d migrations/old)", "SquashBackupInvalid")]
    public void Wrong_input_is_refused_and_nothing_changes(string script, string id)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        var before = Directory.GetFileSystemEntries(Path.Combine(project.Path, "migrations"));

        var run = Run(project, database, script);

        Assert.Equal(id, run.ErrorId);
        Assert.Equal(before, Directory.GetFileSystemEntries(Path.Combine(project.Path, "migrations")));
    }

    [Fact]
    public void A_missing_down_step_is_refused_until_it_is_allowed()
    {
        using var project = TestProject.OfTables(2).With(3, "no_down", "SELECT 1;", "SELECT 1;");
        File.Delete(Path.Combine(project.Path, "migrations", "3_no_down", "down.sql"));

        var refused = shell.Run("Merge-HasuraMigration -From 2 -Project $d -NoRecord -SkipProof", ("d", project.Path));
        var allowed = shell.Run("Merge-HasuraMigration -From 2 -Project $d -NoRecord -SkipProof -AllowEmptyDown -WarningAction Ignore", ("d", project.Path)).Well();

        Assert.Equal("DownMissing", refused.ErrorId);
        Assert.Equal(["3"], allowed.Values("Version"));
    }

    [Fact]
    public void Without_a_server_for_the_proof_nothing_is_squashed()
    {
        using var project = TestProject.OfTables(2);

        var run = shell.Run("Merge-HasuraMigration -From 1 -Project $d -NoRecord -PostgresVersion 98", ("d", project.Path));

        Assert.Equal("SquashNotProven", run.ErrorId);
        Assert.Equal(2, shell.Run("Get-ChildItem (Join-Path $d migrations)", ("d", project.Path)).Well().Output.Select(o => o.ToString()).Select(f => Path.GetFileName(f).Split('_')[0]).Distinct().Count());
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run($"$p = @{{ Project = $d; ConnectionString = $c }}; {script}", ("d", project.Path), ("c", database.ConnectionString));
}
