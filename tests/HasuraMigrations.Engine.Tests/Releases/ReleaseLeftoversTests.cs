using HasuraMigrations.Engine.Releases;

namespace HasuraMigrations.Engine.Tests.Releases;

public sealed class ReleaseLeftoversTests
{
    [Fact]
    public void The_command_that_rolls_back_stays_one_command_whatever_the_database_is_called()
    {
        var summary = new DatabaseRunSummary
        {
            Database = "x'; Remove-Item *; '",
            Results = [new MigrationResult { Database = "x", Version = 7, Name = "a", Direction = MigrationDirection.Up, Outcome = MigrationOutcome.Applied, IsOutOfOrder = false, Findings = [] }],
            Duration = TimeSpan.Zero,
        };

        Assert.Contains("Undo-HasuraMigration -Database 'x''; Remove-Item *; ''' -Version 7 rolls it back.", Assert.Single(ReleaseLeftovers.Of(summary)));
    }
}
