using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>The short form of the proof; <see cref="ReleaseKillsCommand"/> is the full one.</summary>
public sealed class ReleaseKillsTests(PostgresServer server, ITestOutputHelper output)
{
    [Fact]
    public async Task A_release_that_was_killed_is_completed_by_the_next_one()
    {
        await server.ConnectionStringAsync();
        var proof = new ReleaseProof(server, TimeSpan.FromSeconds(0.1));
        string[] points = ["release-after-sources", "no-transaction-in-doubt", "release-after-migrations", "release-metadata-written"];

        Assert.Empty(await ExactlyOnceCommand.RunAsync(
        [
            .. points.Select(p => proof.KillAt(p, isServer: false)),
            proof.KillAt("release-after-sources", isServer: true),
            proof.KillAfter(Random.Shared.NextDouble() * proof.Length, isServer: false),
        ], 3, output.WriteLine));
    }
}
