using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>The short form of the proof over a server; <see cref="ServerFaultsCommand"/> is the full one.</summary>
public sealed class ServerFaultsTests(PostgresServer server, ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_happens_to_answers_each_migration_runs_once_and_the_truth_is_told()
    {
        // Where there is no server the test is skipped; a case would take that for a failure.
        await server.ConnectionStringAsync();
        Assert.Empty(await ExactlyOnceCommand.RunAsync([.. new ServerFaultCases(server, 2).All()], 4, output.WriteLine));
    }
}
