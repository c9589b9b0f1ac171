using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Tests.Processes;

public sealed class WorkAheadTests
{
    [Fact]
    public void Results_come_in_the_order_of_the_work() =>
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => i * i), WorkAhead.Select(Enumerable.Range(0, 1000), 3, i => i * i));

    [Fact]
    public void The_first_failure_in_that_order_comes_in_its_place()
    {
        var taken = new List<int>();

        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var result in WorkAhead.Select(Enumerable.Range(0, 1000), 3, i => i is 7 or 9 or 300 ? throw new InvalidOperationException($"{i}") : i))
            {
                taken.Add(result);
            }
        });

        Assert.Equal("7", error.Message);
        Assert.Equal(Enumerable.Range(0, 7), taken);
    }

    [Fact]
    public void Results_that_nobody_takes_are_disposed()
    {
        var left = 0;

        _ = WorkAhead.Select(Enumerable.Range(0, 100), 3, _ => new Counted(() => Interlocked.Increment(ref left))).First();

        Assert.Equal(99, left);
    }

    private sealed class Counted(Action disposed) : IDisposable
    {
        public void Dispose() => disposed();
    }
}
