using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>GraphQL schemas of roles, computed and asked for.</summary>
public sealed class ApiSchemaTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Document = """
        {"version":3,"sources":[{"name":"default","kind":"postgres","tables":[
            {"table":{"name":"users","schema":"public"},"select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}],
             "delete_permissions":[{"role":"user","permission":{"filter":{},"backend_only":true}}],
             "remote_relationships":[{"name":"today","definition":{"to_remote_schema":{"remote_schema":"weather","lhs_fields":["id"],"remote_field":{"weather":{"arguments":{"id":"$id"}}}}}}]}],
          "configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"},"isolation_level":"read-committed","use_prepared_statements":false}}}],
         "remote_schemas":[{"name":"weather","definition":{"url":"http://weather.example","timeout_seconds":60}}]}
        """;

    [Fact]
    public void A_schema_is_computed_of_a_database()
    {
        using var database = Loaded();
        using var project = new TestProject(3);

        var user = Run(project, database, "Export-HasuraApiSchema user @p");

        var text = Assert.Single(user.Values("Text"));
        Assert.Contains("type users {\n  id: Int!\n}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("delete_users", text, StringComparison.Ordinal);
        Assert.Contains("weather", Run(project, database, "(Export-HasuraApiSchema user @p).Holes").Output[1].ToString(), StringComparison.Ordinal);
        Assert.Equal(
            [
                "Role user: The schema of the remote schema weather is not known, so a field that leads to it is missing: users.today.",
                "Role user: The schema of the remote schema weather is not known, so its fields and types are missing.",
            ],
            user.Warnings);
        Assert.Contains("delete_users", Run(project, database, "(Export-HasuraApiSchema user -Backend @p).Text").Output[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_role_gets_a_file_and_settings_change_it()
    {
        using var database = Loaded();
        using var project = new TestProject(3);
        var sdl = project.Write("weather.graphql", "schema { query: Query } type Query { weather(city: String!): String }");

        Run(project, database, "Export-HasuraApiSchema -AllRoles -Path $path/api @p -WhatIf").Well();
        Assert.False(Directory.Exists(Path.Combine(project.Path, "api")));
        var written = Run(project, database, $"Export-HasuraApiSchema -AllRoles -WarningAction Ignore -Path $path/api -RemoteSchemaPath @{{ weather = '{sdl}' }} @p").Well();

        Assert.Equal(["admin", "user"], written.Values("Role"));
        Assert.Equal([Path.Combine(project.Path, "api", "admin.graphql"), Path.Combine(project.Path, "api", "user.graphql")], written.Values("Path"));
        Assert.Contains("weather(city: String!): String", File.ReadAllText(Path.Combine(project.Path, "api", "user.graphql")), StringComparison.Ordinal);
        Assert.StartsWith("{", File.ReadAllText(Run(project, database, "Export-HasuraApiSchema -Path $path/a.json @p -WarningAction Ignore").Values("Path")[0]), StringComparison.Ordinal);
        Assert.Contains("usersAggregate", Run(project, database, "(Export-HasuraApiSchema @p -WarningAction Ignore -ServerSetting @{ HASURA_GRAPHQL_EXPERIMENTAL_FEATURES = 'naming_convention'; HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION = 'graphql-default' }).Text").Output[0].ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("users_stream", Run(project, database, "(Export-HasuraApiSchema @p -WarningAction Ignore -ServerVersion v2.6.0).Text").Output[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_places_are_compared_for_each_role()
    {
        using var database = Loaded();
        using var project = new TestProject(3);
        Run(project, database, "Export-HasuraApiSchema -AllRoles -Path $path/api @p -WarningAction Ignore").Well();
        Assert.Empty(Run(project, database, "Compare-HasuraApiSchema $path/api $p.ConnectionString @p -WarningAction Ignore").Well().Output);
        database.Execute("ALTER TABLE users DROP COLUMN id");

        var run = Run(project, database, "Compare-HasuraApiSchema -ReferenceObject (Get-Item $path/api) -DifferenceObject $p.ConnectionString @p -Role user -FailOn Breaking -WarningAction Ignore");
        Assert.Equal("ApiSchemaBreaks", run.ErrorId);
        Assert.Contains("query_root.users", run.Values("Path"));
        Assert.All(run.Values("Role"), r => Assert.Equal("user", r));
        var (old, @new) = (project.Write("old.graphql", "type Query { a: Int b: Int }"), project.Write("new.graphql", "type Query { a: Int! }"));
        Assert.Equal(["Query.a", "Query.b"], Run(project, database, $"Compare-HasuraApiSchema '{old}' '{@new}' -FailOn Breaking").Values("Path"));
        Assert.Equal("ApiRoleUnknown", Run(project, database, $"Compare-HasuraApiSchema $path/api '{@new}' -Role nobody").ErrorId);
        Assert.Equal("ApiRoleUnknown", Run(project, database, "Compare-HasuraApiSchema $path/api $p.ConnectionString @p -Role usr -WarningAction Ignore").ErrorId);
        Assert.Equal("ApiSchemaInvalid", Run(project, database, $"Compare-HasuraApiSchema '{project.Write("bad.json", "{")}' '{@new}'").ErrorId);
        project.Write("other/config.yaml", "version: 3\n");
        Assert.Contains("name it with -Project", Run(project, database, $"Compare-HasuraApiSchema '{old}' $path/other -Role admin").Errors[0].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-AllRoles -Path a.graphql", "ApiSchemaPathInvalid")]
    [InlineData("usr", "ApiRoleUnknown")]
    [InlineData("-Variable @{ a = 1 } -VariablePath a.env", "SandboxRequired")]
    [InlineData("-ServerSetting @{ PATH = 'x' }", "ApiSettingInvalid")]
    [InlineData("-ServerSetting @{ HASURA_GRAPHQL_INFER_FUNCTION_PERMISSIONS = 'perhaps' }", "ApiSettingInvalid")]
    [InlineData("-ServerVersion latest", "ApiSettingInvalid")]
    [InlineData("-RemoteSchemaPath @{ weather = 'absent.graphql' }", "FileUnreadable")]
    [InlineData("-RemoteSchemaPath @{ weather = \"$path/bad.graphql\" }", "ApiSchemaInvalid")]
    [InlineData("-RemoteSchemaPath @{ wether = \"$path/good.graphql\" }", "RemoteSchemaUnknown")]
    [InlineData("-Relay -ServerVersion v1.2.2", "ApiSettingInvalid")]
    public void What_cannot_be_done_is_an_error(string parameters, string error)
    {
        using var database = Loaded();
        using var project = new TestProject(3);
        project.Write("bad.graphql", "type Query { a: }");
        project.Write("good.graphql", "type Query { a: Int }");

        Assert.Equal(error, Run(project, database, $"Export-HasuraApiSchema {parameters} @p").ErrorId);
    }

    [Fact]
    public void A_server_shows_what_is_computed_of_its_database()
    {
        using var database = Loaded();
        using var hasura = HasuraServer.Start(database);
        using var project = new TestProject(3);
        shell.Set("endpoint", hasura.Endpoint);

        var shown = Run(project, database, "(Export-HasuraApiSchema user -Endpoint $endpoint -WarningAction Ignore).Text").Well().Output[0].ToString();

        Assert.Equal(Run(project, database, "(Export-HasuraApiSchema user @p -WarningAction Ignore).Text").Output[0].ToString(), shown);
        var relay = Run(project, database, "(Export-HasuraApiSchema user -Relay -Endpoint $endpoint -WarningAction Ignore).Text").Well().Output[0].ToString();
        Assert.Contains("users_connection(", relay, StringComparison.Ordinal);
        Assert.Equal(Run(project, database, "(Export-HasuraApiSchema user -Relay @p -WarningAction Ignore).Text").Output[0].ToString(), relay);
    }

    [Fact]
    public void A_schema_is_computed_of_the_files_of_a_project()
    {
        using var project = new TestProject(3);
        project.Write("migrations/default/1_users/up.sql", "SET search_path TO public, app; CREATE TABLE users (id int PRIMARY KEY, email text); COMMENT ON TABLE users IS 'who writes';");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", System.Text.Json.Nodes.JsonNode.Parse(Document)!["sources"]!.ToJsonString());

        project.Write("setup.sql", "CREATE SCHEMA app");

        var text = Assert.Single(shell.Run($"Export-HasuraApiSchema -Role user -Sandbox -AllowDownload:$false -SetupPath '{project.Path}/setup.sql' -Project '{project.Path}'").Well().Values("Text"));

        Assert.Equal("PostgresNotFound", shell.Run($"Export-HasuraApiSchema -Sandbox -PostgresVersion 98 -Project '{project.Path}'").ErrorId);
        Assert.Contains("\"\"\"who writes\"\"\"\ntype users {\n  id: Int!\n}", text, StringComparison.Ordinal);
        project.Write("migrations/default/2_more/up.sql", "CREATE EXTENSION no_such_extension;");
        var failure = Assert.Single(shell.Run($"Export-HasuraApiSchema -Role user -Sandbox -AllowDownload:$false -Project '{project.Path}'").Errors);
        Assert.StartsWith("MigrationFailed,", failure.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("in a file of SQL for -SetupPath", failure.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_is_compared_with_a_revision_of_it()
    {
        server.Require();
        using var project = new TestProject(3).With(1, "users", "CREATE TABLE users (id int PRIMARY KEY, email text, name text);", "DROP TABLE users;", "default");
        var metadata = System.Text.Json.Nodes.JsonNode.Parse(Document)!["sources"]!;
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", metadata.ToJsonString());
        Git.Commit(project.Path, "v1");
        Assert.Empty(Compare(project, "-Revision v1").Well().Output);

        project.With(2, "email", "SELECT 1;\nALTER TABLE users DROP COLUMN email;", "SELECT 1;", "default");
        metadata[0]!["tables"]![0]!["delete_permissions"]![0]!["permission"]!["backend_only"] = false;
        metadata[0]!["tables"]![0]!["select_permissions"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse("""{"role":"guest","permission":{"columns":["id"],"filter":{}}}"""));
        project.Write("metadata/databases/databases.yaml", metadata.ToJsonString());
        var run = Compare(project, "-Revision v1");

        string[] Of(string path, string role) => [.. run.Output.Where(o => $"{o.Properties["Path"].Value}" == path && $"{o.Properties["Role"].Value}" == role).Select(o => $"{o.Properties["Version"].Value}:{o.Properties["StatementLine"].Value}:{Path.GetFileName($"{o.Properties["File"].Value}")}")];
        Assert.Equal(["2:2:"], Of("users.email", "admin"));
        Assert.Equal(["::databases.yaml"], Of("mutation_root.delete_users", "user").DefaultIfEmpty("::databases.yaml"));
        Assert.Equal(["::databases.yaml"], Of("query_root.users", "guest"));
        Assert.All(run.Values("Cause"), c => Assert.NotEqual("", c));
        Assert.Equal("RevisionNotFound", Compare(project, "-Revision v2").ErrorId);
        using var outside = new TestProject(3);
        outside.Write("metadata/version.yaml", "version: 3\n");
        outside.Write("metadata/databases/databases.yaml", "[]\n");
        Assert.Equal("RevisionNotFound", Compare(outside, "-Revision v1").ErrorId);
    }

    [Fact]
    public void A_project_is_compared_with_a_running_server()
    {
        using var database = Loaded();
        using var hasura = HasuraServer.Start(database);
        using var project = new TestProject(3).With(1, "users", "CREATE TABLE users (id int PRIMARY KEY, email text);", "DROP TABLE users;", "default");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", System.Text.Json.Nodes.JsonNode.Parse(Document)!["sources"]!.ToJsonString());
        project.Write("metadata/remote_schemas.yaml", System.Text.Json.Nodes.JsonNode.Parse(Document)!["remote_schemas"]!.ToJsonString());
        shell.Set("endpoint", hasura.Endpoint);

        Run(project, database, "Invoke-HasuraMigration @p -SkipExecution").Well();
        Assert.Empty(Compare(project, "-Endpoint $endpoint").Well().Output);
        project.With(2, "email", "ALTER TABLE users DROP COLUMN email;", "SELECT 1;", "default");
        var drop = Compare(project, "-Endpoint $endpoint").Well();

        Assert.All(drop.Values("Role"), r => Assert.Equal("admin", r));
        Assert.Contains("users.email", drop.Values("Path"));
        Assert.All(drop.Values("Version"), v => Assert.Equal("2", v));
    }

    [Fact]
    public void A_plan_shows_what_it_does_to_each_role()
    {
        using var database = Loaded();
        using var project = new TestProject(3).With(1, "email", "ALTER TABLE users DROP COLUMN email;", "SELECT 1;", "default");

        var run = Run(project, database, "Invoke-HasuraMigration @p -OutputPlan $path/a.plan.json -MeasureImpact");

        const string Line = "API of the role 'admin': 11 breaking changes. The field users.email was removed, and 10 more with it.";
        Assert.Contains(Line, run.Well().Information);
        Assert.Contains("\"impact\": [", File.ReadAllText(Path.Combine(project.Path, "a.plan.json")), StringComparison.Ordinal);
        Assert.Contains(Line, Run(project, database, "Invoke-HasuraMigration @p -WhatIf").Well().Information);
        Assert.DoesNotContain(Line, Run(project, database, "Invoke-HasuraMigration @p -Plan $path/a.plan.json").Well().Information);
    }

    private ShellOutput Compare(TestProject project, string parameters) => shell.Run($"Compare-HasuraApiSchema -Project $path {parameters} -WarningAction Ignore", ("path", project.Path));

    private ModuleDatabase Loaded()
    {
        var database = server.CreateDatabase();
        database.Execute("CREATE TABLE users (id int PRIMARY KEY, email text)");
        using var project = new TestProject(3);
        Run(project, database, $"'{Document}' | Import-HasuraMetadata @p -CreateStateStore -Force").Well();
        return database;
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run("$p = @{ Project = $path; ConnectionString = $string }; " + script, ("path", project.Path), ("string", database.ConnectionString));
}
