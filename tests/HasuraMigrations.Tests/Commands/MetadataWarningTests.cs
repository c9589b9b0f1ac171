using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>What servers warn of is told by the commands that write metadata.</summary>
public sealed class MetadataWarningTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Theory]
    [InlineData("Import-HasuraMetadata @p -CreateStateStore")]
    [InlineData("Publish-HasuraProject @p -CreateStateStore | ForEach-Object Metadata")]
    public void A_warning_of_a_server_is_a_warning_and_a_finding(string command)
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3);
        database.Execute("CREATE TABLE users (id int PRIMARY KEY)");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", """
            - name: default
              kind: postgres
              configuration: {connection_info: {database_url: {from_env: HASURA_GRAPHQL_DATABASE_URL}}}
              tables:
                - table: {schema: public, name: users}
                  event_triggers:
                    - {name: a b, definition: {enable_manual: true}, retry_conf: {num_retries: 0, interval_sec: 10, timeout_sec: 60}, webhook: 'http://x', headers: [{name: authorization, value: Bearer abcdefgh}]}
            """);

        var run = shell.Run($"$p = @{{ Project = $path; ConnectionString = $string }}; {command} | ForEach-Object Findings | Where-Object Id -eq MetadataWarning", ("path", project.Path), ("string", database.ConnectionString)).Well();

        Assert.Contains("\"a b\" may not work as expected", Assert.Single(run.Values("Message")), StringComparison.Ordinal);
        Assert.All(new[] { "MetadataWarning", "MetadataSecret" }, id => Assert.Single(run.Warnings, w => w.Contains(id, StringComparison.Ordinal)));
    }
}
