namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>What work allocates: the same on every machine, unlike the time that it takes, and most of that time where documents are large.</summary>
internal static class Allocations
{
    /// <summary>Bytes that the second run allocates in this thread: the first makes what is made once.</summary>
    public static long Of(Action work)
    {
        work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Fails where work allocates more than a fifth above what it did when that was written down.</summary>
    /// <param name="bytes">What it did.</param>
    /// <param name="work">The work.</param>
    public static void AtMost(long bytes, Action work)
    {
        var now = Of(work);
        Assert.True(now <= bytes * 6 / 5, $"{now:N0} bytes are allocated; {bytes:N0} were.");
    }
}
