using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class ServerTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>, IDisposable
{
    private const string Secret = "sword fish";
    private const string Secure = "$secret = [securestring]::new(); foreach ($c in 'sword fish'.ToCharArray()) { $secret.AppendChar($c) }; ";
    private const string Posts = """{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"name":"posts","schema":"public"}}],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"},"isolation_level":"read-committed","use_prepared_statements":false}}}]}""";

    public void Dispose() => shell.Run("Disconnect-HasuraServer");

    [Fact]
    public void Metadata_travels_through_a_server_that_the_session_is_connected_to()
    {
        using var database = Prepare();
        using var hasura = HasuraServer.Start(database, Secret);
        using var project = new TestProject(3);

        var connected = Run(hasura, project, Secure + "Connect-HasuraServer $endpoint -AdminSecret $secret").Well();
        Assert.Equal([hasura.Endpoint], connected.Output.Select(o => $"{o}"));
        Assert.DoesNotContain(Secret, shell.Show("Get-HasuraConnection | ForEach-Object { $_; $_.Server }"));

        var imported = Run(hasura, project, $"'{Posts}' | Import-HasuraMetadata").Well();
        Assert.Equal(["True"], imported.Values("Changed"));
        Assert.Equal(["True"], imported.Values("IsConsistent"));
        Assert.Contains("Added", Run(hasura, project, "Export-HasuraMetadata -Project $path").Well().Values("Change"));
        Assert.Empty(Run(hasura, project, "Compare-HasuraMetadata -Project $path").Well().Output);
        Assert.Equal(["False"], Run(hasura, project, "Import-HasuraMetadata -Project $path").Well().Values("Changed"));
        Assert.Empty(Run(hasura, project, "Update-HasuraMetadata -RecreateEventTriggers; Get-HasuraMetadataInconsistency").Well().Output);
        Assert.Equal([true], Run(hasura, project, "Test-HasuraServer").Well().Output.Select(o => o.BaseObject));

        Run(hasura, project, "Disconnect-HasuraServer").Well();
        Assert.Empty(Run(hasura, project, "Get-HasuraConnection").Well().Output);
    }

    [Theory]
    [InlineData("v2", 3)]
    [InlineData("v1", 2)]
    public void Migrations_travel_through_a_server_as_straight_to_the_database(string api, int config)
    {
        using var database = server.CreateDatabase();
        using var hasura = HasuraServer.Start(database, api: api);
        using var project = new TestProject(config)
            .With(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;", config == 3 ? "default" : null)
            .With(2, "b", "CREATE TABLE b (id int);\nSELECT 1/0;", database: config == 3 ? "default" : null);

        Assert.Equal(["1", "2"], Run(hasura, project, "Invoke-HasuraMigration -Project $path -Endpoint $endpoint -WhatIf").Well().Values("Version"));
        Assert.Equal("", database.Scalar("SELECT coalesce(to_regclass('hasura_migrations.history')::text, '')"));
        var failed = Run(hasura, project, "Invoke-HasuraMigration -Project $path -Endpoint $endpoint -LocateError");
        Assert.Equal(["Applied"], failed.Values("Outcome"));
        Assert.Equal("MigrationFailed", failed.ErrorId);
        Assert.Contains("up.sql:2:1, statement 2", failed.Errors[0].Exception.Message);
        Assert.Equal(["Applied", "Pending"], Run(hasura, project, "Get-HasuraMigration -Project $path -Endpoint $endpoint").Well().Values("Status"));
        Assert.Equal(["Applied", "Pending"], Run(hasura, project, "Get-HasuraMigration -Project $path -ConnectionString $string", ("string", database.ConnectionString)).Well().Values("Status"));
        Assert.Equal([false], Run(hasura, project, "Test-HasuraMigration -Project $path -Endpoint $endpoint").Well().Output.Select(o => o.BaseObject));

        Run(hasura, project, "Repair-HasuraMigration -Project $path -Endpoint $endpoint -Version 2 -As Applied").Well();
        Assert.Equal(["2", "1"], Run(hasura, project, "Undo-HasuraMigration -Project $path -Endpoint $endpoint -Count 2 -AllowEmptyDown -Confirm:$false").Well().Values("Version"));
        Assert.Equal("", database.Tables());
    }

    [Fact]
    public void A_state_that_could_not_be_written_is_made_good_by_a_run_with_nothing_to_do()
    {
        using var database = server.CreateDatabase();
        using var hasura = HasuraServer.Start(database);
        using var project = new TestProject(3).With(1, "a", "CREATE TABLE a (id int);", database: "default");
        Run(hasura, project, "Invoke-HasuraMigration -Project $path -Endpoint $endpoint").Well();
        database.Execute("UPDATE hdb_catalog.hdb_version SET cli_state = '{}'");

        Assert.Empty(Run(hasura, project, "Invoke-HasuraMigration -Project $path -Endpoint $endpoint -WhatIf").Well().Output);
        Assert.Equal("{}", database.Scalar("SELECT cli_state::text FROM hdb_catalog.hdb_version"));
        Assert.Empty(Run(hasura, project, "Invoke-HasuraMigration -Project $path -Endpoint $endpoint").Well().Output);
        Assert.Equal("""{"1": false}""", database.Scalar("SELECT cli_state #>> '{migrations,default}' FROM hdb_catalog.hdb_version"));
    }

    [Fact]
    public void What_a_database_holds_and_what_its_server_answers_is_the_same()
    {
        using var database = Prepare();
        using var hasura = HasuraServer.Start(database);
        using var project = new TestProject(3);
        Run(hasura, project, $"'{Posts}' | Import-HasuraMetadata -Endpoint $endpoint").Well();

        Assert.Empty(Run(hasura, project, "Compare-HasuraMetadata $endpoint $string", ("string", database.ConnectionString)).Well().Output);
        Assert.Equal("3", Run(hasura, project, "(Test-HasuraServer -Endpoint $endpoint -Detailed).MetadataVersion").Well().Output[0].ToString());
        Assert.Equal("MetadataConflict", Run(hasura, project, "$m = Export-HasuraMetadata -Endpoint $endpoint -AsObject; $m.Document.sources[0].tables.Clear(); Update-HasuraMetadata -ConnectionString $string; $m | Import-HasuraMetadata -Endpoint $endpoint -Force").ErrorId);
    }

    [Fact]
    public void Any_command_is_sent_and_its_answer_is_an_object()
    {
        using var database = Prepare();
        using var hasura = HasuraServer.Start(database);
        using var project = new TestProject(3);

        var rows = Run(hasura, project, "(Invoke-HasuraMetadataApi run_sql @{ sql = 'SELECT 1 AS one' } -Endpoint $endpoint).result | ForEach-Object { $_ }").Well();
        Assert.Equal(["one", "1"], rows.Output.Select(o => $"{o}"));
        Assert.Equal(2, Run(hasura, project, "@{ type = 'export_metadata'; args = @{} }, '{\"type\":\"get_inconsistent_metadata\",\"args\":{}}' | Invoke-HasuraMetadataApi -Endpoint $endpoint").Well().Output.Count);
        Assert.Equal("ServerError", Run(hasura, project, "Invoke-HasuraMetadataApi no_such_command -Endpoint $endpoint").ErrorId);
        Assert.Equal("MetadataInputInvalid", Run(hasura, project, "@{ args = 1 } | Invoke-HasuraMetadataApi -Endpoint $endpoint").ErrorId);
        foreach (var text in new[] { """{"a":"\ud800x"}""", """{"\udfff":1}""", """{"a":1""", """{"a":1} 2""" })
        {
            Assert.Equal("MetadataInputInvalid", Run(hasura, project, $"Invoke-HasuraMetadataApi export_metadata '{text}' -Endpoint $endpoint").ErrorId);
        }

        // As a server reads it, the last value of a key counts.
        Assert.Equal("2", $"{Assert.Single(Run(hasura, project, "(Invoke-HasuraMetadataApi run_sql '{\"sql\":\"SELECT 1 AS one\",\"sql\":\"SELECT 2 AS one\"}' -Endpoint $endpoint).result[1]").Well().Output)}");
        Assert.Equal(2, Run(hasura, project, "'[{\"type\":\"export_metadata\",\"args\":{}},{\"type\":\"get_inconsistent_metadata\",\"args\":{}}]' | Invoke-HasuraMetadataApi -Endpoint $endpoint").Well().Output.Count);
        Assert.Empty(Run(hasura, project, "Invoke-HasuraMetadataApi run_sql @{ sql = 'CREATE TABLE no ()' } -Endpoint $endpoint -WhatIf").Well().Output);
        Assert.DoesNotContain("no,", database.Tables() + ",");
    }

    [Theory]
    [InlineData("Connect-HasuraServer http://127.0.0.1:1", "ServerUnreachable")]
    [InlineData("Connect-HasuraServer ftp://127.0.0.1", "ServerEndpointInvalid")]
    [InlineData("Connect-HasuraServer http://example.com", "ServerInsecure")]
    [InlineData("Connect-HasuraServer $endpoint", "AdminSecretRejected")]
    [InlineData("Wait-HasuraServer -Endpoint http://127.0.0.1:1 -Timeout 1", "ServerNotReady")]
    [InlineData("Test-HasuraServer -ConnectionString Host=localhost", "TargetNotSupported")]
    [InlineData("Update-HasuraMetadata -ConnectionString 'Host=localhost;Database=x' -RecreateEventTriggers", "TargetNotSupported")]
    public void What_cannot_be_reached_is_an_error_without_a_secret(string script, string id)
    {
        using var database = Prepare();
        using var hasura = HasuraServer.Start(database, Secret);
        using var project = new TestProject(3);

        var run = Run(hasura, project, script);

        Assert.Equal(id, run.ErrorId);
        Assert.NotEmpty(run.Errors[0].ErrorDetails.RecommendedAction);
        Assert.DoesNotContain(Secret, run.Errors[0].Exception.ToString());
    }

    [Fact]
    public void Waiting_ends_when_the_server_is_ready()
    {
        using var database = Prepare();
        using var hasura = HasuraServer.Start(database);
        using var project = new TestProject(3);

        Assert.Equal(["True"], Run(hasura, project, "Wait-HasuraServer -Endpoint $endpoint -Timeout 30").Well().Values("IsReady"));
        Assert.Equal([false], Run(hasura, project, "Test-HasuraServer -Endpoint http://127.0.0.1:1").Well().Output.Select(o => o.BaseObject));
        Assert.Contains("ServerUnreachable", Run(hasura, project, "Test-HasuraServer -Endpoint http://127.0.0.1:1 -Detailed").Well().Values("Problem")[0]);
    }

    [Fact]
    [Trait("Case", "15.5")]
    public void Waiting_for_a_silent_server_ends_in_time()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var run = shell.Run("Wait-HasuraServer -Endpoint $e -Timeout 1", ("e", $"http://{silent.LocalEndpoint}"));

        Assert.Equal("ServerNotReady", run.ErrorId);
        Assert.Contains("ServerTimeout", run.Errors[0].ToString());
        // Well below the limit of a request that nothing else bounds.
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(25));
    }

    private ModuleDatabase Prepare()
    {
        var database = server.CreateDatabase();
        database.Execute("CREATE TABLE posts (id int PRIMARY KEY)");
        using var project = new TestProject(3);
        shell.Run("""'{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}]}' | Import-HasuraMetadata -ConnectionString $string -CreateStateStore""", ("string", database.ConnectionString)).Well();
        return database;
    }

    private ShellOutput Run(HasuraServer hasura, TestProject project, string script, params (string Name, object? Value)[] variables) =>
        shell.Run(script, [("endpoint", hasura.Endpoint), ("path", project.Path), .. variables]);
}
