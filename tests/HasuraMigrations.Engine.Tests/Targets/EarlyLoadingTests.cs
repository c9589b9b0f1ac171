using HasuraMigrations.Engine.Targets.Postgres.Runs;

namespace HasuraMigrations.Engine.Tests.Targets;

public sealed class EarlyLoadingTests
{
    [Fact]
    public void The_code_runs_with_the_values_that_were_made_up() => EarlyLoading.Load();
}
