using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class MergeMetadataTests(HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Users = "# People.\ntable:\n  name: users\n  schema: public\nselect_permissions:\n  - role: user\n    permission:\n      columns:\n        - id\n      filter: {}\n";
    private const string UsersFile = "metadata/databases/default/tables/public_users.yaml";

    [Fact]
    public void A_project_and_its_revision_and_another_directory_are_merged_into_files()
    {
        using var project = Project(Users);
        Git.Commit(project.Path, "base");
        project.Write(UsersFile, Users.Replace("        - id\n", "        - id\n        - name\n"));
        using var other = Project(Users.Replace("filter: {}", "filter: {}\n      limit: 5"));

        var shown = shell.Run("Merge-HasuraMetadata git:base $d $o -Project $d -Destination $d -WhatIf | ForEach-Object { $_.Files.Count }", ("d", project.Path), ("o", other.Path)).Well();
        var run = shell.Run("$m = Merge-HasuraMetadata git:base $d $o -Project $d -Destination $d; $m; $m.Files.Path; $m.Changes.Description; $m.Metadata.Version", ("d", project.Path), ("o", other.Path)).Well();

        Assert.Equal("0", $"{Assert.Single(shown.Output)}");
        Assert.Equal(["False", Path.Combine(project.Path, UsersFile), "the select permission of role user on public.users changed: permission.limit is now 5", "3"], [run.Values("HasConflicts")[0], .. run.Output.Skip(1).Select(o => $"{o}")]);
        Assert.Equal(Users.Replace("        - id\n", "        - id\n        - name\n").Replace("filter: {}", "filter: {}\n      limit: 5"), File.ReadAllText(Path.Combine(project.Path, UsersFile)));
    }

    [Fact]
    public void A_conflict_is_an_error_after_the_result_and_whole_metadata_is_not_written()
    {
        using var project = Project(Users);
        Git.Commit(project.Path, "base");
        project.Write(UsersFile, Users.Replace("filter: {}", "filter:\n        id:\n          _eq: 1"));
        using var other = Project(Users.Replace("filter: {}", "filter:\n        id:\n          _eq: 2"));

        var run = shell.Run("Merge-HasuraMetadata git:base $d $o -Project $d -Destination $d", ("d", project.Path), ("o", other.Path));
        var preferred = shell.Run("Merge-HasuraMetadata git:base $d $o -Project $d -Destination $d -Prefer Theirs", ("d", project.Path), ("o", other.Path)).Well();

        shell.Set("m", Assert.Single(run.Output));
        Assert.Equal(
            ["True", "0", Path.Combine(project.Path, UsersFile), "11", Path.Combine(other.Path, UsersFile), "11"],
            shell.Run("$m.HasConflicts; $m.Files.Count; $m.Conflicts.OursFile; $m.Conflicts.OursLine; $m.Conflicts.TheirsFile; $m.Conflicts.TheirsLine").Well().Output.Select(o => $"{o}"));
        var error = Assert.Single(run.Errors);
        Assert.StartsWith("MetadataMergeConflict,", error.FullyQualifiedErrorId);
        Assert.Contains("permission.filter of select permission user of public.users is {\"id\":{\"_eq\":1}} in ours and {\"id\":{\"_eq\":2}} in theirs, and was {}", error.Exception.Message);
        Assert.Equal(["Theirs"], preferred.Values("Preferred"));
        Assert.Contains("_eq: 2", File.ReadAllText(Path.Combine(project.Path, UsersFile)));
    }

    [Fact]
    public void Single_files_are_merged_as_the_part_that_their_path_names()
    {
        using var project = new TestProject(3);
        var (@base, ours, theirs) = (project.Write("1", "- \"!include a.yaml\"\n"), project.Write("2", "- \"!include a.yaml\"\n- \"!include b.yaml\"\n"), project.Write("3", "- \"!include a.yaml\"\n- \"!include c.yaml\"\n"));
        var names = new[] { ("b", (object?)@base), ("o", ours), ("t", theirs) };

        var merged = shell.Run("Merge-HasuraMetadata $b $o (Get-Item $t) -Path metadata/databases/default/tables/tables.yaml", names).Well();
        var written = shell.Run("Merge-HasuraMetadata $b $o $t -Path tables/tables.yaml -Destination $o -Confirm:$false | ForEach-Object { $_.Files.Change }", names).Well();
        var unknown = shell.Run("Merge-HasuraMetadata $b $o $t", names);
        var mixed = shell.Run("Merge-HasuraMetadata $b $o '{}' -Path tables.yaml", names);

        const string both = "- \"!include a.yaml\"\n- \"!include b.yaml\"\n- \"!include c.yaml\"\n";
        Assert.Equal([both], merged.Values("Text"));
        Assert.Equal(both, File.ReadAllText(ours));
        Assert.Equal("Changed", $"{Assert.Single(written.Output)}");
        Assert.StartsWith("MetadataMergeFileUnknown,", Assert.Single(unknown.Errors).FullyQualifiedErrorId);
        Assert.StartsWith("MetadataInputInvalid,", Assert.Single(mixed.Errors).FullyQualifiedErrorId);
    }

    [Fact]
    public void Objects_and_json_are_merged_without_a_project()
    {
        const string json = """{"version":3,"sources":[],"inherited_roles":[{"role_name":"a","role_set":["x","y"]}]}""";

        var run = shell.Run("(Merge-HasuraMetadata -Base $j -Ours ($j | ConvertFrom-Json -AsHashtable) -Theirs $j.Replace('\"y\"', '\"z\"')).Metadata.Document.inherited_roles[0].role_set -join ','", ("j", json)).Well();

        Assert.Equal("x,z", $"{Assert.Single(run.Output)}");
    }

    private static TestProject Project(string users)
    {
        var project = new TestProject(3);
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: URL\n  tables: \"!include default/tables/tables.yaml\"\n");
        project.Write("metadata/databases/default/tables/tables.yaml", "- \"!include public_users.yaml\"\n");
        project.Write(UsersFile, users);
        foreach (var (file, text) in new[] { ("actions.graphql", ""), ("actions.yaml", "actions: []\ncustom_types:\n  enums: []\n  input_objects: []\n  objects: []\n  scalars: []\n"), ("remote_schemas.yaml", "[]\n"), ("query_collections.yaml", "[]\n"), ("allow_list.yaml", "[]\n"), ("cron_triggers.yaml", "[]\n") })
        {
            project.Write($"metadata/{file}", text);
        }

        return project;
    }
}
