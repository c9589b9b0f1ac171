using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class MetadataTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Users = """
        {"version":3,"sources":[{"name":"default","kind":"postgres","tables":[
            {"table":{"name":"users","schema":"public"},"select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}]},
            {"table":{"name":"posts","schema":"public"}}],
          "configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"},"isolation_level":"read-committed","use_prepared_statements":false}}}]}
        """;

    private static readonly string UsersFile = """
        table:
          name: users
          schema: public
        select_permissions:
          - role: user
            permission:
              columns:
                - id
              filter: {}

        """.ReplaceLineEndings("\n");

    [Fact]
    public void A_document_travels_into_a_database_and_into_files_and_back()
    {
        using var database = Prepared();
        using var project = new TestProject(3);

        var imported = Run(project, database, $"'{Users}' | Import-HasuraMetadata @p -CreateStateStore").Well();
        Assert.Equal(["True"], imported.Values("Changed"));
        Assert.Equal(["True"], imported.Values("IsConsistent"));

        var exported = Run(project, database, "Export-HasuraMetadata @p").Well();
        Assert.Contains("Added", exported.Values("Change"));
        Assert.Contains(Path.Combine(project.Path, "metadata", "databases", "default", "tables", "public_users.yaml"), exported.Values("Path"));
        Assert.Equal(UsersFile, File.ReadAllText(Path.Combine(project.Path, "metadata", "databases", "default", "tables", "public_users.yaml")));

        var again = Run(project, database, "Export-HasuraMetadata @p").Well();
        Assert.Empty(again.Output);
        Assert.Matches("^The metadata in .*metadata is already up to date\\.$", Assert.Single(again.Information));
        Assert.Empty(Run(project, database, "Compare-HasuraMetadata @p").Well().Output);
        Assert.Empty(Run(project, database, "Import-HasuraMetadata @p -WhatIf").Well().Output);
        Assert.Equal(["False"], Run(project, database, "Import-HasuraMetadata @p").Well().Values("Changed"));
        Assert.Equal("ConfirmationNotPossible", Run(project, database, "Clear-HasuraMetadata @p -Confirm").ErrorId);
        Assert.Equal(["True"], Run(project, database, "Test-HasuraMetadata -Project $p.Project").Well().Output.Select(o => $"{o}"));
    }

    [Fact]
    public void A_change_is_told_in_a_sentence_and_with_the_place()
    {
        using var database = Prepared();
        using var project = Loaded(database);
        var file = project.Write("metadata/databases/default/tables/public_users.yaml", UsersFile.Replace("- id\n", "- id\n        - email\n", StringComparison.Ordinal));

        var change = Run(project, database, "Compare-HasuraMetadata @p").Well();

        Assert.Equal(["role user can now select email on public.users"], change.Values("Description"));
        Assert.Equal([file], change.Values("File"));
        Assert.Equal(["5"], change.Values("Line"));
        var before = database.Scalar("SELECT metadata::text FROM hdb_catalog.hdb_metadata");
        Assert.Equal(["role user can now select email on public.users"], Run(project, database, "Import-HasuraMetadata @p -WhatIf").Well().Values("Description"));
        Assert.Equal(before, database.Scalar("SELECT metadata::text FROM hdb_catalog.hdb_metadata"));
        Assert.Contains("+                - email", $"{Run(project, database, "Compare-HasuraMetadata @p -Unified").Well().Output[0]}");

        Assert.Equal(["True"], Run(project, database, "Import-HasuraMetadata @p").Well().Values("Changed"));
        Assert.Empty(Run(project, database, "Compare-HasuraMetadata @p").Well().Output);
    }

    [Fact]
    public void A_file_stays_while_it_says_the_same_in_another_order_or_form()
    {
        using var database = Prepared();
        using var project = Loaded(database);
        project.Write("metadata/databases/default/tables/public_users.yaml", "select_permissions:\n  - permission:\n      allow_aggregations: false\n      columns: [id]\n      filter: {}\n    role: user # the only one\ntable: users\n");
        project.Write("metadata/databases/default/tables/tables.yaml", "- '!include public_users.yaml'\n- '!include public_posts.yaml'\n");

        Assert.Empty(Run(project, database, "Export-HasuraMetadata @p").Well().Output);
        Assert.Equal(["Changed", "Changed"], Run(project, database, "Export-HasuraMetadata @p -SortObjects").Well().Values("Change"));
        Assert.Empty(Run(project, database, "Export-HasuraMetadata @p -SortObjects").Well().Output);
    }

    [Fact]
    public void An_object_can_be_changed_and_written_back_unless_somebody_was_faster()
    {
        using var database = Prepared();
        using var project = Loaded(database);
        const string Change = "$m = Export-HasuraMetadata @p -AsObject; $m.Document.sources[0].tables[0].is_enum = $true; ";

        Assert.Equal(["True"], Run(project, database, Change + "$m | Import-HasuraMetadata @p -AllowInconsistent").Well().Values("Changed"));
        Assert.Equal("MetadataConflict", Run(project, database, Change + "'" + Users + "' | Import-HasuraMetadata @p | Out-Null; $m | Import-HasuraMetadata @p -AllowInconsistent").ErrorId);
        Assert.Equal("MetadataConflict", Run(project, database, $"'{Users}' | Import-HasuraMetadata @p -ExpectedResourceVersion 1").ErrorId);
    }

    [Theory]
    [InlineData("Compare-HasuraMetadata 'Server=127.0.0.1;Port=1;User Id=u;Password=geheim' '{\"version\":3,\"sources\":[]}'")]
    [InlineData("Compare-HasuraMetadata 'postgress://u:geheim@127.0.0.1:1/d' '{\"version\":3,\"sources\":[]}'")]
    [InlineData("Test-HasuraMetadata 'postgres://u:geheim@127.0.0.1:1/d'")]
    [InlineData("Test-HasuraMetadata 'User Id=u;Password=geheim'")]
    [InlineData("'postgres://u:geheim@127.0.0.1:1/d' | Import-HasuraMetadata @p")]
    public void A_password_in_the_wrong_place_is_not_repeated(string script)
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3);

        var result = Run(project, database, script);

        Assert.NotEqual("", result.ErrorId);
        Assert.DoesNotContain("geheim", string.Join(' ', result.Errors.Select(e => $"{e} {e.TargetObject} {e.Exception}")));
    }

    [Theory]
    [InlineData("'{\"version\":3,\"sources\":[]}' | Import-HasuraMetadata @p", "MetadataDropsObjects")]
    [InlineData("'{\"version\":3,\"sources\":[{\"name\":\"default\",\"kind\":\"postgres\",\"tables\":[{\"table\":\"t\",\"nmae\":1}],\"configuration\":{}}]}' | Import-HasuraMetadata @p", "MetadataInvalid")]
    [InlineData("'{\"version\":3,' | Import-HasuraMetadata @p", "MetadataFileInvalid")]
    [InlineData("5 | Import-HasuraMetadata @p", "MetadataInputInvalid")]
    [InlineData("$h = @{ version = 3; sources = @() }; $h.x = $h; $h | Import-HasuraMetadata @p", "MetadataInputInvalid")]
    [InlineData("$h = @{ version = 3; sources = @(); 1 = 'a' }; $h['1'] = 'b'; $h | Import-HasuraMetadata @p", "MetadataInputInvalid")]
    [InlineData("'' | Import-HasuraMetadata @p", "MetadataInputInvalid")]
    [InlineData("\"version: 3`nsources: []`n\" | Import-HasuraMetadata @p", "MetadataInputInvalid")]
    [InlineData("'  \"version\": 3,' | Import-HasuraMetadata @p", "MetadataInputInvalid")]
    [InlineData("@{ version = 3; sources = @(); when = [datetime]::Now } | Import-HasuraMetadata @p", "MetadataInputInvalid")]
    [InlineData("Import-HasuraMetadata ./no-such-directory @p", "MetadataNotFound")]
    [InlineData("Compare-HasuraMetadata @p -Revision no-such-revision", "RevisionNotFound")]
    [InlineData("ConvertTo-HasuraMetadata -InputObject '{\"version\":7}'", "MetadataVersionUnsupported")]
    [InlineData("Import-HasuraMetadata -Project $p.Project -Endpoint http://localhost:1", "ServerUnreachable")]
    public void Bad_input_gets_an_error_and_changes_nothing(string script, string id)
    {
        using var database = Prepared();
        using var project = Loaded(database);
        var before = database.Scalar("SELECT metadata::text || resource_version FROM hdb_catalog.hdb_metadata");

        var run = Run(project, database, script);

        Assert.Equal(id, run.ErrorId);
        Assert.NotEmpty(run.Errors[0].ErrorDetails.RecommendedAction);
        Assert.Equal(before, database.Scalar("SELECT metadata::text || resource_version FROM hdb_catalog.hdb_metadata"));
    }

    [Fact]
    public void Without_a_catalog_nothing_is_made_unless_asked_for()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3);
        var before = database.Objects();

        Assert.Equal("MetadataStoreMissing", Run(project, database, "Export-HasuraMetadata @p").ErrorId);
        Assert.Equal("MetadataStoreMissing", Run(project, database, "Update-HasuraMetadata @p").ErrorId);
        Assert.Equal("MetadataStoreMissing", Run(project, database, $"'{Users}' | Import-HasuraMetadata @p").ErrorId);
        Assert.Contains("is treated as empty", Assert.Single(Run(project, database, $"Compare-HasuraMetadata @p -DifferenceObject '{Users}'").Well().Warnings));
        Assert.Equal(before, database.Objects());
    }

    [Fact]
    public void Every_error_in_the_files_of_actions_is_told_with_its_place()
    {
        using var database = Prepared();
        using var project = Loaded(database);
        var yaml = project.Write("metadata/actions.yaml", "actions:\n  - name: a\n    definition:\n      handler: h\n  - name: b\n    definition:\n      handler: h\n");

        var findings = Run(project, database, "Test-HasuraMetadata -Project $p.Project -Detailed").Well();
        var refused = Run(project, database, "Import-HasuraMetadata @p");

        Assert.Equal(["2", "5"], findings.Values("Line"));
        Assert.Equal("ActionNotInSdl", refused.ErrorId);
        Assert.Contains($"{yaml}' is not valid: line 2", refused.Errors[0].Exception.Message);
        Assert.Contains($"{yaml}' is not valid: line 5", refused.Errors[0].Exception.Message);
    }

    [Fact]
    public void Older_metadata_in_a_new_catalog_is_carried_up_and_comes_back_as_it_was()
    {
        using var database = Prepared();
        using var project = new TestProject(1);
        project.Write("migrations/metadata.yaml", "functions:\n- search\ntables:\n- table: users\n  select_permissions:\n  - permission:\n      columns: '*'\n      filter: {}\n    role: user\n");

        var imported = Run(project, database, "Import-HasuraMetadata @p -CreateStateStore").Well();

        Assert.Contains("MetadataUpgraded", Assert.Single(imported.Warnings));
        Assert.Equal("3", database.Scalar("SELECT metadata->>'version' FROM hdb_catalog.hdb_metadata"));
        Assert.Empty(Run(project, database, "Compare-HasuraMetadata @p").Well().Output);
        Assert.Equal(["False"], Run(project, database, "Import-HasuraMetadata @p").Well().Values("Changed"));
        // Where nothing differs, a file stays as it is, in its own version.
        Assert.Empty(Run(project, database, "Export-HasuraMetadata @p").Well().Output);
        Assert.StartsWith("functions:", File.ReadAllText(Path.Combine(project.Path, "migrations", "metadata.yaml")));
        Assert.Empty(Run(project, database, "Compare-HasuraMetadata @p").Well().Output);
    }

    [Fact]
    public void Clearing_keeps_the_source_and_reloading_only_counts()
    {
        using var database = Prepared();
        using var project = Loaded(database);

        Assert.Empty(Run(project, database, "Update-HasuraMetadata @p").Well().Output);
        Assert.Equal("3", database.Scalar("SELECT resource_version FROM hdb_catalog.hdb_metadata"));
        Assert.Equal(["Removed", "Removed", "Removed"], Run(project, database, "Clear-HasuraMetadata @p -WhatIf").Well().Values("Change"));
        Assert.Equal(["True"], Run(project, database, "Clear-HasuraMetadata @p -Confirm:$false").Well().Values("Changed"));
        Assert.Equal("0", database.Scalar("SELECT json_array_length(metadata->'sources'->0->'tables') FROM hdb_catalog.hdb_metadata"));
    }

    [Fact]
    public void Text_is_converted_between_languages_and_versions()
    {
        var yaml = shell.Run("""'{"tables":[{"table":"t"}],"functions":["f"]}' | ConvertTo-HasuraMetadata -MetadataVersion 3""").Well();
        Assert.StartsWith("version: 3\nsources:\n  - name: default\n", $"{yaml.Output[0]}");
        using var project = new TestProject();
        var file = project.Write("document.yaml", $"{yaml.Output[0]}");

        var json = shell.Run("ConvertTo-HasuraMetadata $file -As Json -Compress", ("file", file)).Well();

        Assert.Contains("\"function\":{\"name\":\"f\",\"schema\":\"public\"}", $"{json.Output[0]}");
        Assert.Contains("MetadataKeyLeftOut", shell.Run("""'{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[],"configuration":{}}],"inherited_roles":[{"role_name":"a","role_set":[]}]}' | ConvertTo-HasuraMetadata -MetadataVersion 2""").Well().Warnings.Single());
    }

    [Fact]
    public void Testing_finds_what_is_wrong_where_it_is()
    {
        using var project = new TestProject(3);
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: U\n  tables: '!include t.yaml'\n");
        var file = project.Write("metadata/databases/t.yaml", "- table: users\n  select_permission: []\n");

        Assert.Equal([false], shell.Run("Test-HasuraMetadata -Project $project", ("project", project.Path)).Well().Output.Select(o => o.BaseObject));
        var findings = shell.Run("Test-HasuraMetadata -Project $project -Detailed | Where-Object Severity -eq Error").Well();
        Assert.Equal(["MetadataKeyUnknown"], findings.Values("Id"));
        Assert.Equal([file], findings.Values("File"));
        Assert.Equal(["2"], findings.Values("Line"));

        project.Write("metadata/databases/t.yaml", "- table: users\n\t- x\n");
        Assert.Equal(["MetadataFileInvalid"], shell.Run("Test-HasuraMetadata -Project $project -Detailed | Where-Object Severity -eq Error").Well().Values("Id"));
    }

    [Fact]
    public void Any_command_is_carried_out_on_a_database_too()
    {
        using var database = Prepared();
        using var project = new TestProject(3);
        Run(project, database, $"'{Users}' | Import-HasuraMetadata @p -CreateStateStore").Well();

        Assert.Equal(["success"], Run(project, database, "Invoke-HasuraMetadataApi pg_create_object_relationship @{ table = 'posts'; name = 'author'; using = @{ foreign_key_constraint_on = 'user_id' } } -ConnectionString $string | ForEach-Object message").Well().Output.Select(o => $"{o}"));
        Assert.Equal(["success"], Run(project, database, """'{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"ALTER TABLE users RENAME TO people"}},{"type":"set_catalog_state","args":{"type":"cli","state":{}}}]}' | Invoke-HasuraMetadataApi -ConnectionString $string | ForEach-Object { $_.message } | Where-Object { $_ }""").Well().Output.Select(o => $"{o}"));
        Assert.Equal(["people", "posts"], Run(project, database, "(Invoke-HasuraMetadataApi export_metadata @{} -ConnectionString $string).sources[0].tables.table.name").Well().Output.Select(o => $"{o}"));

        var refused = Run(project, database, "Invoke-HasuraMetadataApi pg_track_table @{ table = 'nowhere' } -ConnectionString $string");
        Assert.Equal("MetadataCommandRefused", refused.ErrorId);
        Assert.Contains("no such table/view exists in source: \"nowhere\" (invalid-configuration at $.args)", refused.Errors.Single().Exception.Message);
        Assert.Contains("needs a running server", Run(project, database, "Invoke-HasuraMetadataApi dump_internal_state @{} -ConnectionString $string").Errors.Single().Exception.Message);
        Assert.Empty(Run(project, database, "Invoke-HasuraMetadataApi run_sql @{ sql = 'DROP TABLE posts' } -ConnectionString $string -WhatIf").Well().Output);
        Assert.Contains("posts", database.Tables());
    }

    [Fact]
    [Trait("Case", "5")]
    public void What_is_inconsistent_is_refused_with_its_objects()
    {
        using var database = Prepared();
        using var project = Loaded(database);
        database.Execute("DROP TABLE posts");

        var refused = Run(project, database, $"'{Users.Replace("\"id\"", "\"id\",\"nothing\"", StringComparison.Ordinal)}' | Import-HasuraMetadata @p");

        Assert.Equal("MetadataInconsistent", refused.ErrorId);
        Assert.Contains("no such table/view exists in source: \"posts\"", refused.Errors.Single().Exception.Message);
        Assert.Contains("column \"nothing\" does not exist", refused.Errors.Single().Exception.Message);
    }

    [Fact]
    [Trait("Case", "12")]
    public void A_single_file_of_version_3_keeps_its_version_and_its_source()
    {
        using var database = Prepared();
        using var project = new TestProject(1);
        var file = project.Write("migrations/metadata.yaml", "version: 3\nsources:\n- name: main\n  kind: postgres\n  tables:\n  - table: users\n  configuration:\n    connection_info:\n      database_url:\n        from_env: U\n      pool_settings:\n        retries: 2\n");
        Run(project, database, "Import-HasuraMetadata @p -CreateStateStore -Force").Well();
        var before = File.ReadAllText(file);

        Assert.Empty(Run(project, database, "Export-HasuraMetadata @p").Well().Output);
        Assert.Equal(before, File.ReadAllText(file));
        Run(project, database, "Invoke-HasuraMetadataApi pg_track_table @{ table = 'posts'; source = 'main' } -ConnectionString $string; Export-HasuraMetadata @p").Well();
        Assert.All(new[] { "version: 3", "name: main", "retries: 2", "name: posts" }, text => Assert.Contains(text, File.ReadAllText(file)));
    }

    [Fact]
    [Trait("Case", "12")]
    public void A_directory_that_a_project_of_config_version_2_exports_to_gets_its_layout()
    {
        using var database = Prepared();
        using var project = new TestProject(2);
        Run(project, database, $"'{Users}' | Import-HasuraMetadata @p -CreateStateStore").Well();
        var path = Path.Combine(project.Path, "elsewhere");

        Run(project, database, $"Export-HasuraMetadata '{path}' @p").Well();

        Assert.True(File.Exists(Path.Combine(path, "tables.yaml")));
        Assert.False(Directory.Exists(Path.Combine(path, "databases")));
    }

    private ModuleDatabase Prepared()
    {
        var database = server.CreateDatabase();
        database.Execute("CREATE TABLE users (id int PRIMARY KEY, email text); CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users); CREATE FUNCTION search() RETURNS SETOF users LANGUAGE sql STABLE AS 'SELECT * FROM users'");
        return database;
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run("$p = @{ Project = $path; ConnectionString = $string }; " + script, ("path", project.Path), ("string", database.ConnectionString));

    private TestProject Loaded(ModuleDatabase database)
    {
        var project = new TestProject(3);
        Run(project, database, $"'{Users}' | Import-HasuraMetadata @p -CreateStateStore; Export-HasuraMetadata @p").Well();
        return project;
    }
}
