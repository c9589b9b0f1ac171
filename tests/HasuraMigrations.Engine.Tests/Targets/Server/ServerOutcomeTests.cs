using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>What is said where nobody answers for long.</summary>
public sealed class ServerOutcomeTests(PostgresServer server)
{
    [Fact]
    public async Task Where_the_server_cannot_be_asked_the_outcome_is_called_unknown_and_history_tells_later()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V1, withTable: false);
        using var project = new TestProject(2).Add(1, "CREATE TABLE a (id int);");
        place.Host.FaultNext("drop:after", r => r.Body.Contains("CREATE TABLE a", StringComparison.Ordinal));
        for (var i = 0; i < 40; i++)
        {
            place.Host.FaultNext("drop:before", "bulk");
        }

        var error = await Assert.ThrowsAsync<HasuraServerException>(() => project.RunAsync(place.Host, options: new RunOptions { ReconnectTimeout = TimeSpan.FromMilliseconds(300) }));

        Assert.Equal(("ServerOutcomeUnknown", true), (error.ErrorId, error.MayHaveRun));
        place.Host.Heal();
        Assert.Equal(MigrationState.Applied, (await project.StatusAsync(place.Host)).Migrations.Single().Status);
    }
}
