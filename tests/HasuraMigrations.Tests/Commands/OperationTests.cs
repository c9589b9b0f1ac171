using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>Operations of clients and of the metadata, tested for roles.</summary>
public sealed class OperationTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Document = """
        {"version":3,"sources":[{"name":"default","kind":"postgres","tables":[
            {"table":{"name":"users","schema":"public"},
             "select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}],
             "delete_permissions":[{"role":"user","permission":{"filter":{},"backend_only":true}}]}],
          "configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"},"isolation_level":"read-committed","use_prepared_statements":false}}}],
         "query_collections":[{"name":"mobile","definition":{"queries":[{"name":"ids","query":"query Ids { users { id } }"}]}},{"name":"web","definition":{"queries":[{"name":"mails","query":"query Mails { users { email } }"}]}}],
         "allowlist":[{"collection":"mobile"}],
         "rest_endpoints":[{"name":"mails","url":"mails","methods":["GET"],"definition":{"query":{"collection_name":"web","query_name":"mails"}},"comment":null}],
         "remote_schemas":[{"name":"weather","definition":{"url":"http://weather.example","timeout_seconds":60}}]}
        """;

    [Fact]
    public void Operations_of_files_and_of_the_metadata_are_tested_against_a_database()
    {
        using var database = Loaded();
        using var project = new TestProject(3);
        project.Write("client/a.graphql", "query A { users { id email ...F } } mutation D { delete_users(where: {}) { affected_rows } }");
        project.Write("client/f.graphql", "fragment F on users { emial }");

        var run = Run(project, database, "Test-HasuraOperation $path/client @p -Role admin, user -IncludeValid");

        Assert.Equal(["A admin Invalid", "A user Invalid", "D admin Valid", "D user Invalid"], Lines(run));
        Assert.Equal("Cannot query field 'emial' on type 'users'. Did you mean 'email'?", run.Values("Message")[0]);
        Assert.Contains("weather", Assert.Single(run.Warnings), StringComparison.Ordinal);
        Assert.Equal(["D user Valid"], Lines(Run(project, database, "Test-HasuraOperation $path/client/a.graphql @p -Role user -Backend -IncludeValid"))[1..]);
        project.Write("relay/a.graphql", "query C { users_connection(first: 1) { edges { node { id } } } }");
        Assert.Equal(["C user Valid"], Lines(Run(project, database, "Test-HasuraOperation $path/relay/a.graphql @p -Role user -Relay -IncludeValid")));
        Assert.Equal(["Mails user Invalid"], Lines(Run(project, database, "Test-HasuraOperation @p")));
        Assert.Equal(["Ids admin Valid", "Ids user Valid"], Lines(Run(project, database, "Test-HasuraOperation -AllowList @p -IncludeValid")));
        Assert.Equal(["Mails admin Valid"], Lines(Run(project, database, "Test-HasuraOperation -RestEndpoint @p -Role admin -IncludeValid")));
        Assert.Equal(["Mails admin Valid"], Lines(Run(project, database, "Test-HasuraOperation -QueryCollection w* @p -Role admin -IncludeValid")));
    }

    [Fact]
    public void What_a_remote_schema_may_have_is_unknown()
    {
        using var database = Loaded();
        using var project = new TestProject(3);
        project.Write("q.graphql", "query W { weather(city: \"x\") } query M { weather users { nothing } }");
        var sdl = project.Write("weather.sdl", "schema { query: Query } type Query { weather(city: String!): String }");

        var run = Run(project, database, "Test-HasuraOperation $path/q.graphql @p");

        Assert.Equal(["W admin Unknown", "M admin Invalid"], Lines(run));
        Assert.Equal("OperationInvalid", Run(project, database, "Test-HasuraOperation $path/q.graphql @p -FailOn Unknown").ErrorId);
        Assert.Equal("OperationInvalid", Run(project, database, "Test-HasuraOperation $path/q.graphql @p -FailOn Invalid").ErrorId);
        Run(project, database, "Test-HasuraOperation $path/q.graphql @p -FailOn Breaks").Well();
        Assert.Equal(["W admin Valid", "W user Valid"], Lines(Run(project, database, $"Test-HasuraOperation $path/q.graphql @p -IncludeValid -RemoteSchemaPath @{{ weather = '{sdl}' }}"))[..2]);
    }

    [Fact]
    public void A_pending_change_breaks_and_mends_operations()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3);
        project.Write("migrations/default/1_users/up.sql", "CREATE TABLE users (id int PRIMARY KEY, email text)");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", System.Text.Json.Nodes.JsonNode.Parse(Document)!["sources"]!.ToJsonString());
        Run(project, database, "Publish-HasuraProject @p -CreateStateStore -Confirm:$false").Well();
        project.Write("migrations/default/2_mail/up.sql", "ALTER TABLE users RENAME COLUMN email TO mail");
        project.Write("q.graphql", "query Old { users { email } } query New { users { mail } } query Ids { users { id } }");

        var run = Run(project, database, "Test-HasuraOperation $path/q.graphql @p -Pending -Database default -Role admin -IncludeValid -FailOn Breaks");

        Assert.Equal(["Old admin Breaks", "New admin Mended", "Ids admin Valid"], Lines(run));
        Assert.Equal("OperationInvalid", run.ErrorId);
        Assert.Equal("ApiRoleUnknown", Run(project, database, "Test-HasuraOperation $path/q.graphql @p -Role amdin").ErrorId);
        project.Write("setup.sql", "CREATE SCHEMA app");
        Assert.Equal("PostgresNotFound", shell.Run($"Test-HasuraOperation $path/q.graphql -Sandbox -PostgresVersion 98 -Project '{project.Path}'").ErrorId);
        // The project against what an export of the database says.
        Run(project, database, "Export-HasuraApiSchema -AllRoles -Path $path/api @p").Well();
        Assert.Equal(["Old admin Breaks", "New admin Mended"], Lines(shell.Run($"Test-HasuraOperation $path/q.graphql -Sandbox -SetupPath $path/setup.sql -ServerVersion v2.48.0 -ServerSetting @{{ HASURA_GRAPHQL_EXPERIMENTAL_FEATURES = 'hide_stream_fields' }} -ReferenceSchema $path/api -Role admin -Project '{project.Path}'").Well()));
        Assert.Equal(["New admin Invalid"], Lines(shell.Run($"Get-Item $path/q.graphql | Test-HasuraOperation -Schema $path/api -Role admin -Project '{project.Path}'").Well()));
    }

    [Theory]
    [InlineData("$path/absent.graphql", "FileUnreadable")]
    [InlineData("$path/*.nothing", "FileUnreadable")]
    [InlineData("$path/empty", "OperationNotFound")]
    [InlineData("$path/q.graphql -Pending -Sandbox", "ConnectionAmbiguous")]
    [InlineData("$path/q.graphql -Schema $path/api.graphql -Pending", "ConnectionAmbiguous")]
    [InlineData("$path/q.graphql -ReferenceSchema $path/api.graphql -Pending", "ConnectionAmbiguous")]
    [InlineData("$path/q.graphql -Schema $path/absent.graphql", "FileUnreadable")]
    [InlineData("$path/q.graphql -Schema $path/q.graphql", "ApiSchemaInvalid")]
    public void What_cannot_be_tested_is_an_error(string parameters, string error)
    {
        using var project = new TestProject(3);
        project.Write("q.graphql", "{ a }");
        project.Write("api.graphql", "type Query { a: Int }");
        Directory.CreateDirectory(Path.Combine(project.Path, "empty"));
        shell.Set("path", project.Path);

        Assert.Equal(error, shell.Run($"Test-HasuraOperation {parameters} -Project '{project.Path}'").ErrorId);
    }

    [Fact]
    public void Bad_files_leave_the_others_to_be_tested()
    {
        using var project = new TestProject(3);
        project.Write("api.graphql", "type Query { a: Int }");
        project.Write("c/bad.graphql", "{ a ");
        project.Write("c/good.graphql", "query G { a }");
        File.WriteAllBytes(Path.Combine(project.Path, "c", "binary.graphql"), [0xff, 0xfe, 0x00, 0xd8, 0x01]);
        shell.Set("path", project.Path);

        var run = shell.Run("Test-HasuraOperation $path/c -Schema $path/api.graphql -IncludeValid").Well();

        Assert.Equal(["Invalid", "Valid", "Invalid"], run.Values("Status"));
        Assert.Equal(["Syntax", "FileEncodingInvalid"], run.Values("Rule").Where(r => r.Length > 0));
        shell.Run("Test-HasuraOperation $path/c -Schema $path/api.graphql | Export-HasuraReport $path/r.md").Well();
        Assert.Contains("bad.graphql", File.ReadAllText(Path.Combine(project.Path, "r.md")), StringComparison.Ordinal);
        Assert.Empty(shell.Run("@() | Test-HasuraOperation -Schema $path/api.graphql").Well().Output);
    }

    private ModuleDatabase Loaded()
    {
        var database = server.CreateDatabase();
        database.Execute("CREATE TABLE users (id int PRIMARY KEY, email text)");
        using var project = new TestProject(3);
        Run(project, database, $"'{Document}' | Import-HasuraMetadata @p -CreateStateStore -Force").Well();
        return database;
    }

    private static string[] Lines(ShellOutput run) => [.. run.Values("Name").Zip(run.Values("Role"), run.Values("Status")).Select(r => $"{r.First} {r.Second} {r.Third}")];

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run("$p = @{ Project = $path; ConnectionString = $string }; " + script, ("path", project.Path), ("string", database.ConnectionString));
}
