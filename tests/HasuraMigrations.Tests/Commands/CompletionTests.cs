using System.Management.Automation;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class CompletionTests(HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void Versions_come_from_disk_with_the_name_as_tooltip()
    {
        using var project = new TestProject().With(1700000000001, "init", "SELECT 1;").With(1700000000002, "more", "SELECT 1;").With(18, "old", "SELECT 1;");

        Assert.Equal([("1700000000001", "init"), ("1700000000002", "more")], Complete($"Invoke-HasuraMigration -Project '{project.Path}' -Version 17"));
        Assert.Equal([("1700000000002", "more")], Complete($"Undo-HasuraMigration -Project '{project.Path}' -To mo"));
    }

    [Fact]
    public void Seed_files_come_from_disk()
    {
        using var project = new TestProject();
        var file = project.Write("seeds/demo/1 a.sql", "SELECT 1;");
        project.Write("seeds/b.sql", "SELECT 1;");

        Assert.Equal([("'demo/1 a.sql'", file)], Complete($"Invoke-HasuraSeed -Project '{project.Path}' -Path d"));
    }

    [Fact]
    public void Databases_come_from_the_project_and_are_quoted()
    {
        using var project = new TestProject(3);
        project.Write("metadata/databases/databases.yaml", "- name: main\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: MAIN_URL\n- name: my logs\n  kind: postgres\n");

        Assert.Equal([("main", "postgres, MAIN_URL"), ("'my logs'", "postgres")], Complete($"Get-HasuraMigration -Project '{project.Path}' -Database m"));
    }

    [Fact]
    public void Roles_come_from_the_metadata_of_the_project()
    {
        using var project = new TestProject(3);
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: U\n  tables:\n    - table: {schema: public, name: a}\n      select_permissions:\n        - role: anonymous\n          permission: {columns: [id], filter: {}}\n        - role: user\n          permission: {columns: [id], filter: {}}\n");

        Assert.Equal([("admin", "admin"), ("anonymous", "anonymous")], Complete($"Export-HasuraApiSchema -Project '{project.Path}' -Role a"));
        Assert.Equal([("user", "user")], Complete($"Compare-HasuraApiSchema -Project '{project.Path}' -Role us"));
        Assert.Equal([("user", "user")], Complete($"Test-HasuraOperation -Project '{project.Path}' -Role admin,us"));
    }

    [Fact]
    public void Revisions_come_from_the_repository()
    {
        using var project = new TestProject(3);
        Git.Commit(project.Path, "v1.0");

        Assert.Equal([("v1.0", "first")], Complete($"Compare-HasuraMetadata -Project '{project.Path}' -Revision v"));
        Assert.Equal([("Json", "Json")], Complete("ConvertTo-HasuraMetadata -As j"));
    }

    [Fact]
    public void Nothing_is_suggested_where_there_is_no_project() =>
        Assert.DoesNotContain(Complete("Get-HasuraMigration -Project /no/such -Version 1"), c => c.Text.StartsWith('1'));

    private List<(string Text, string Tooltip)> Complete(string line)
    {
        using var pipeline = PowerShell.Create();
        pipeline.Runspace = shell.Runspace;
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, pipeline).CompletionMatches.Select(m => (m.CompletionText, m.ToolTip))];
    }
}
