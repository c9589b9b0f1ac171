using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Tests.Processes;

public sealed class PipelineDispatcherTests
{
    [Fact]
    public void Actions_run_in_order_on_the_thread_that_runs_the_body()
    {
        var dispatcher = new PipelineDispatcher();
        var thread = Environment.CurrentManagedThreadId;
        var done = new List<string>();
        dispatcher.Run(
            async _ =>
            {
                Assert.Equal(7, await dispatcher.InvokeAsync(() => Note("first", 7)));
                dispatcher.Post(() => Note("second", 0));
                await dispatcher.InvokeAsync(() => Note("third", 0));
            },
            TestContext.Current.CancellationToken);
        Assert.Equal([$"first {thread}", $"second {thread}", $"third {thread}"], done);

        int Note(string text, int result)
        {
            done.Add($"{text} {Environment.CurrentManagedThreadId}");
            return result;
        }
    }

    [Fact]
    public void What_is_posted_behind_the_end_of_the_body_is_left_out()
    {
        var dispatcher = new PipelineDispatcher();
        dispatcher.Run(_ => Task.CompletedTask, TestContext.Current.CancellationToken);
        var late = Task.Run(() => dispatcher.InvokeAsync(() => 1), TestContext.Current.CancellationToken);
        Assert.Throws<TaskCanceledException>(() => late.GetAwaiter().GetResult());
    }

    [Fact]
    public void An_error_of_this_module_goes_back_to_the_body()
    {
        var dispatcher = new PipelineDispatcher();
        HasuraMigrationException? caught = null;
        dispatcher.Run(
            async _ => caught = await Assert.ThrowsAsync<HasuraMigrationException>(() => dispatcher.InvokeAsync<int>(() => throw new HasuraMigrationException("MigrationNotFound", "It is gone."))),
            TestContext.Current.CancellationToken);
        Assert.Equal("It is gone.", caught!.Message);
    }

    [Fact]
    public void An_error_of_the_shell_stops_the_body_and_is_what_the_run_fails_with()
    {
        var dispatcher = new PipelineDispatcher();
        var isStopped = false;
        var error = Assert.Throws<InvalidOperationException>(() => dispatcher.Run(
            async token =>
            {
                dispatcher.Post(() => throw new InvalidOperationException("The pipeline ends."));
                // An action behind the failure is abandoned, so that nobody waits for it for ever.
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dispatcher.InvokeAsync(() => 1));
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, token));
                isStopped = true;
            },
            TestContext.Current.CancellationToken));
        Assert.Equal("The pipeline ends.", error.Message);
        Assert.True(isStopped);
    }
}
