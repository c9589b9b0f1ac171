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
        Assert.Equal("TargetNotSupported", Run(hasura, project, "Invoke-HasuraMigration -Project $path").ErrorId);

        Run(hasura, project, "Disconnect-HasuraServer").Well();
        Assert.Empty(Run(hasura, project, "Get-HasuraConnection").Well().Output);
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
        Assert.Empty(Run(hasura, project, "Invoke-HasuraMetadataApi run_sql @{ sql = 'CREATE TABLE no ()' } -Endpoint $endpoint -WhatIf").Well().Output);
        Assert.DoesNotContain("no,", database.Tables() + ",");
    }

    [Theory]
    [InlineData("Connect-HasuraServer http://127.0.0.1:1", "ServerUnreachable")]
    [InlineData("Connect-HasuraServer ftp://127.0.0.1", "ServerEndpointInvalid")]
    [InlineData("Connect-HasuraServer http://example.com", "ServerInsecure")]
    [InlineData("Connect-HasuraServer $endpoint", "AdminSecretRejected")]
    [InlineData("Wait-HasuraServer -Endpoint http://127.0.0.1:1 -Timeout 1", "ServerNotReady")]
    [InlineData("Get-HasuraMetadataInconsistency -ConnectionString Host=localhost", "TargetNotSupported")]
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
