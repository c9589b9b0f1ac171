using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class StopTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public async Task Stopping_a_running_statement_rolls_back_within_a_second_and_frees_the_lock()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "slow", "CREATE TABLE t1 (id int); SELECT pg_sleep(30);");
        shell.Set("p", new System.Collections.Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString });

        // The best of three: other tests keep the machine busy meanwhile.
        var took = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 3 && took > TimeSpan.FromSeconds(1); attempt++)
        {
            took = await StopAsync(database);
            Assert.Equal("0", database.Scalar(Sleeping));
            Assert.Equal("", database.Tables());
            Assert.Equal("0", database.Scalar("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
        }

        Assert.True(took < TimeSpan.FromSeconds(1), $"It took {took}.");
        Assert.Equal(["Pending"], shell.Run("Get-HasuraMigration @p").Well().Values("Status"));
    }

    [Fact]
    public async Task A_run_that_waits_for_another_says_so_and_can_be_stopped()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "slow", "SELECT pg_sleep(30);");
        var parameters = new System.Collections.Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString };
        using var other = new HostedShell();
        shell.Set("p", parameters);
        other.Set("p", parameters);
        using var first = shell.NewPipeline("Invoke-HasuraMigration @p");
        var running = first.BeginInvoke();
        await WaitForAsync(() => database.Scalar(Sleeping) == "1");

        var late = other.Run("Invoke-HasuraMigration @p -LockTimeout 1");
        var clock = Stopwatch.StartNew();
        var strict = other.Run("Invoke-HasuraMigration @p -LockTimeout 25 -WarningAction Stop");
        var took = clock.Elapsed;
        first.Stop();

        Assert.Equal("LockTimeout", late.ErrorId);
        Assert.Contains(late.Warnings, w => w.StartsWith("WaitingForLock", StringComparison.Ordinal));
        Assert.Equal(ErrorCategory.ResourceBusy, late.Errors[0].CategoryInfo.Category);
        Assert.Equal("ActionPreferenceStop", strict.ErrorId);
        Assert.True(took < TimeSpan.FromSeconds(10), $"An error of the pipeline ended the wait only after {took}.");
        Assert.Throws<PipelineStoppedException>(() => first.EndInvoke(running));
    }

    private const string Sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()";

    private async Task<TimeSpan> StopAsync(ModuleDatabase database)
    {
        using var pipeline = shell.NewPipeline("Invoke-HasuraMigration @p");
        var running = pipeline.BeginInvoke();
        await WaitForAsync(() => database.Scalar(Sleeping) == "1");

        var clock = Stopwatch.StartNew();
        pipeline.Stop();
        var took = clock.Elapsed;

        Assert.Equal(PSInvocationState.Stopped, pipeline.InvocationStateInfo.State);
        Assert.Throws<PipelineStoppedException>(() => pipeline.EndInvoke(running));
        Assert.Empty(pipeline.Streams.Error);
        return took;
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "It did not come to that.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
