using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>Parameters that change how a command works, each in what it changes.</summary>
public sealed class ParameterTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Document = """
        {"version":3,"sources":[{"name":"default","kind":"postgres","tables":[
            {"table":{"name":"posts","schema":"public"}},
            {"table":{"name":"users","schema":"public"},"select_permissions":[{"role":"clerk","permission":{"columns":["id"],"filter":{}}}]}],
          "configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}]}
        """;

    [Fact]
    public void Inconsistent_objects_of_a_server_are_dropped_after_a_yes()
    {
        using var database = Prepared();
        using var hasura = HasuraServer.Start(database);
        var bulk = Run("""@{ type = 'pg_track_table'; args = @{ table = 'users' } }, @{ type = 'pg_track_table'; args = @{ table = 'posts' } } | Invoke-HasuraMetadataApi -Endpoint $endpoint -Bulk -RequestTimeout 30""").Well();
        Assert.Equal(["success", "success"], bulk.Output.Select(o => $"{((System.Collections.IDictionary)o.BaseObject)["message"]}"));
        Assert.Empty(Run("Remove-HasuraMetadataInconsistency -Endpoint $endpoint -Confirm:$false").Well().Output);
        database.Execute("DROP TABLE posts");

        Assert.Equal(["table posts in source default"], Run("Update-HasuraMetadata -Endpoint $endpoint -ReloadRemoteSchemas").Well().Values("Name"));
        Assert.Empty(Run("Remove-HasuraMetadataInconsistency -Endpoint $endpoint -WhatIf").Well().Output);
        Assert.Equal("ConfirmationNotPossible", Run("Remove-HasuraMetadataInconsistency -Endpoint $endpoint").ErrorId);
        Assert.Equal(["table posts in source default"], Run("Get-HasuraMetadataInconsistency -Endpoint $endpoint").Well().Values("Name"));
        Assert.Equal(["table posts in source default"], Run("Remove-HasuraMetadataInconsistency -Endpoint $endpoint -Confirm:$false").Well().Values("Name"));

        Assert.Empty(Run("Get-HasuraMetadataInconsistency -Endpoint $endpoint").Well().Output);
        Assert.Equal("users", database.Scalar("SELECT string_agg(t->'table'->>'name', ',') FROM hdb_catalog.hdb_metadata, json_array_elements(metadata->'sources'->0->'tables') t"));

        ShellOutput Run(string script) => shell.Run(script, ("endpoint", hasura.Endpoint), ("string", database.ConnectionString));
    }

    [Fact]
    public void Metadata_is_written_without_effects_and_without_a_notice()
    {
        using var database = Prepared();
        using var project = Loaded(database);
        var file = project.Write("other.json", Document.Replace("\"select_permissions\"", "\"event_triggers\":[{\"name\":\"e\",\"definition\":{\"enable_manual\":false,\"insert\":{\"columns\":\"*\"}},\"retry_conf\":{\"num_retries\":0,\"interval_sec\":10,\"timeout_sec\":60},\"webhook\":\"http://x\"}],\"select_permissions\"", StringComparison.Ordinal));
        const string Notices = "SELECT count(*) FROM hdb_catalog.hdb_schema_notifications";
        var before = database.Scalar(Notices);

        Assert.Equal(["True"], Run(project, database, $"Import-HasuraMetadata -Path '{file}' @p -SkipSideEffects -NoReload").Well().Values("Changed"));

        Assert.Equal("0", database.Scalar("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'notify_hasura%'"));
        Assert.Equal(before, database.Scalar(Notices));
        Assert.Equal(["True"], Run(project, database, "Clear-HasuraMetadata @p -SkipSideEffects -NoReload -Confirm:$false").Well().Values("Changed"));
        Assert.Equal(before, database.Scalar(Notices));
    }

    [Fact]
    public void A_server_does_not_leave_effects_out()
    {
        using var database = Prepared();
        using var hasura = HasuraServer.Start(database);
        using var project = Loaded(database);

        foreach (var command in new[] { "Import-HasuraMetadata -Project $path", "Import-HasuraMetadata -Project $path -WhatIf", "Clear-HasuraMetadata -Confirm:$false" })
        {
            Assert.Equal("TargetNotSupported", shell.Run($"{command} -Endpoint $endpoint -SkipSideEffects", ("path", project.Path), ("endpoint", hasura.Endpoint)).ErrorId);
        }
    }

    [Fact]
    public void Files_are_written_to_a_path_in_the_style_of_an_older_CLI()
    {
        using var database = Prepared();
        using var project = Loaded(database);
        var path = Path.Combine(project.Path, "elsewhere");

        Run(project, database, $"Export-HasuraMetadata -Path '{path}' @p -FileStyle Cli11").Well();

        Assert.Contains("columns:\n    - id\n", File.ReadAllText(Path.Combine(path, "databases", "default", "tables", "public_users.yaml")));
        Assert.Contains("sources:\n- ", $"{shell.Run($"'{Document}' | ConvertTo-HasuraMetadata -FileStyle Cli11").Well().Output[0]}");
        Assert.Contains("sources:\n  - ", $"{shell.Run($"'{Document}' | ConvertTo-HasuraMetadata -FileStyle Cli25 -SortObjects").Well().Output[0]}");
    }

    [Fact]
    public void The_text_of_objects_that_stay_is_kept()
    {
        using var database = Prepared();
        using var project = Loaded(database);
        var file = Path.Combine(project.Path, "metadata", "databases", "default", "tables", "public_users.yaml");
        File.WriteAllText(file, File.ReadAllText(file).Replace("role: clerk", "role: clerk # of the day", StringComparison.Ordinal));

        Run(project, database, "Invoke-HasuraMetadataApi pg_create_delete_permission @{ table = 'users'; role = 'clerk'; permission = @{ filter = @{} } } -ConnectionString $string; Export-HasuraMetadata @p -PreserveFormatting").Well();

        Assert.Contains("role: clerk # of the day", File.ReadAllText(file));
        Assert.Contains("delete_permissions", File.ReadAllText(file));
    }

    [Fact]
    public void Two_documents_are_compared_by_name()
    {
        var changes = shell.Run($"Compare-HasuraMetadata -ReferenceObject '{Document}' -DifferenceObject '{Document.Replace("\"id\"", "\"email\"", StringComparison.Ordinal)}'").Well();

        Assert.Contains("email", Assert.Single(changes.Values("Description")));
    }

    [Fact]
    public void A_migration_is_made_of_two_files()
    {
        using var project = new TestProject();
        var (up, down) = (project.Write("a.sql", "CREATE TABLE a (id int);"), project.Write("b.sql", "DROP TABLE a;"));

        var migration = shell.Run("New-HasuraMigration -Name first -UpPath $up -DownPath $down -Version 7 -Project $path", ("up", up), ("down", down), ("path", project.Path)).Well();

        Assert.Equal(["7"], migration.Values("Version"));
        Assert.Equal("DROP TABLE a;", File.ReadAllText(Path.Combine(project.Path, "migrations", "7_first", "down.sql")).TrimEnd());
    }

    [Fact]
    public void How_long_a_lost_server_is_waited_for_is_set()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);

        Run(project, database, "Invoke-HasuraMigration @p -ReconnectTimeout 30").Well();
        Run(project, database, "Repair-HasuraMigration @p -Version 1 -As RolledBack -ReconnectTimeout 30").Well();
        Run(project, database, "Repair-HasuraMigration @p -Version 1 -As Applied -ReconnectTimeout 30; Undo-HasuraMigration @p -ReconnectTimeout 30 -Confirm:$false").Well();

        Assert.Equal("", database.Tables());
        Assert.Contains("ReconnectTimeout", Run(project, database, "Invoke-HasuraMigration @p -ReconnectTimeout soon").Errors.Single().Exception.Message);
    }

    [Theory]
    [InlineData("http://0.0.0.0:1", "", "ServerInsecure")]
    [InlineData("http://0.0.0.0:1", "-AllowInsecureEndpoint", "ServerUnreachable")]
    [InlineData("https://127.0.0.1:1", "-CertificateAuthority ./no-such-file.pem", "ServerCertificateAuthorityInvalid")]
    [InlineData("https://127.0.0.1:1", "-RequestTimeout 5 -SkipCertificateCheck -WarningAction SilentlyContinue", "ServerUnreachable")]
    public void How_a_server_is_reached_is_set(string endpoint, string parameters, string id)
    {
        var run = shell.Run($"Get-HasuraMetadataInconsistency -Endpoint $endpoint {parameters}", ("endpoint", endpoint));

        Assert.Equal(id, run.ErrorId);
        Assert.NotEmpty(run.Errors[0].ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_check_of_certificates_that_is_left_out_is_a_warning() =>
        Assert.Contains("Certificate validation", Assert.Single(shell.Run("Test-HasuraServer -Endpoint https://127.0.0.1:1 -SkipCertificateCheck").Well().Warnings));

    private ModuleDatabase Prepared()
    {
        var database = server.CreateDatabase();
        database.Execute("CREATE TABLE users (id int PRIMARY KEY, email text); CREATE TABLE posts (id int PRIMARY KEY)");
        return database;
    }

    private TestProject Loaded(ModuleDatabase database)
    {
        var project = new TestProject(3);
        Run(project, database, $"'{Document}' | Import-HasuraMetadata @p -CreateStateStore; Export-HasuraMetadata @p").Well();
        return project;
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run("$p = @{ Project = $path; ConnectionString = $string }; " + script, ("path", project.Path), ("string", database.ConnectionString));
}
