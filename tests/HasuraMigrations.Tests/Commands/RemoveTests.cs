using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class RemoveTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Theory]
    [InlineData("Both", "Applied,Applied")]
    [InlineData("Files", "Applied,Applied,Applied")]
    [InlineData("State", "Pending,Applied,Applied")]
    public void Removes_what_the_scope_says(string scope, string states)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        Run(project, database, "Invoke-HasuraMigration @p").Well();

        var removed = Run(project, database, $"Get-HasuraMigration @p | Where-Object Version -eq 1 | Remove-HasuraMigration @p -Scope {scope} -LockTimeout 60 -ReconnectTimeout 60 -Confirm:$false").Well();
        var after = Run(project, database, "Get-HasuraMigration @p").Well();

        Assert.Equal(["1"], removed.Values("Version"));
        Assert.Equal(scope != "Files", bool.Parse(removed.Values("IsRecordRemoved")[0]));
        Assert.Equal(scope == "State", Directory.Exists(Path.Combine(project.Path, "migrations", "1_table_1")) || File.Exists(Path.Combine(project.Path, "migrations", "1_table_1.up.sql")));
        Assert.Equal("t1,t2,t3", database.Tables());
        Assert.Equal(states, string.Join(',', after.Values("Status")));
    }

    [Fact]
    public void All_asks_and_an_unknown_version_stops_everything()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        Run(project, database, "Invoke-HasuraMigration @p").Well();

        var unknown = Run(project, database, "Remove-HasuraMigration 1, 7 @p -Confirm:$false");
        var nobody = Run(project, database, "Remove-HasuraMigration -All @p");
        var whatIf = Run(project, database, "Remove-HasuraMigration -All @p -WhatIf").Well();
        var before = Run(project, database, "Get-HasuraMigration @p").Well().Values("Status");
        var all = Run(project, database, "Remove-HasuraMigration -All @p -Confirm:$false").Well();

        Assert.Equal(("MigrationNotFound", "ConfirmationNotPossible"), (unknown.ErrorId, nobody.ErrorId));
        Assert.Empty(whatIf.Output);
        Assert.Equal(["Applied", "Applied"], before);
        Assert.Equal(["1", "2"], all.Values("Version"));
        Assert.Empty(Run(project, database, "Get-HasuraMigration @p").Well().Output);
        Assert.Equal("t1,t2", database.Tables());
    }

    [Fact]
    public void Files_need_no_connection_and_an_empty_pipeline_removes_nothing()
    {
        using var project = TestProject.OfTables(2);

        var none = shell.Run("@() | Remove-HasuraMigration -Project $d -Scope Files -Confirm:$false", ("d", project.Path)).Well();
        var one = shell.Run("Remove-HasuraMigration 1 -Project $d -Scope Files -Confirm:$false", ("d", project.Path)).Well();

        Assert.Empty(none.Output);
        Assert.Equal(["False"], one.Values("IsRecordRemoved"));
        Assert.Single(Directory.GetFileSystemEntries(Path.Combine(project.Path, "migrations")));
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run($"$p = @{{ Project = $d; ConnectionString = $c }}; {script}", ("d", project.Path), ("c", database.ConnectionString));
}
