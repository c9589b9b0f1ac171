using System.Runtime.ExceptionServices;

namespace HasuraMigrations.Engine.Processes;

/// <summary>Does independent work in several threads. Results, and the first failure, come in the order of the work.</summary>
internal static class WorkAhead
{
    /// <summary>Threads for work that mostly waits for disks.</summary>
    internal const int Waiting = 8;

    // Enough that threads seldom wait for each other, and few enough that little is held, or done in vain before a failure.
    private const int Together = 128;

    // So few that a thread of their own is not worth while.
    private const int Few = 32;

    /// <summary>Threads for work that needs a processor.</summary>
    internal static int ProcessorsFor(int pieces) => pieces < Few ? 1 : Environment.ProcessorCount;

    /// <summary>The result of each piece of work. Those that nobody takes are disposed.</summary>
    /// <param name="pieces">The pieces, which are asked for in this thread.</param>
    /// <param name="threads">How many pieces are in work at once.</param>
    /// <param name="work">Does one, beside others; its exception comes in place of its result.</param>
    internal static IEnumerable<TResult> Select<TPiece, TResult>(IEnumerable<TPiece> pieces, int threads, Func<TPiece, TResult> work)
    {
        foreach (var some in pieces.Chunk(Together))
        {
            var outcomes = new (TResult? Result, ExceptionDispatchInfo? Failure)[some.Length];
            Run(some.Length, threads, i => outcomes[i] = Try(work, some[i]));
            GarbageBound.Keep();
            var taken = 0;
            try
            {
                while (taken < outcomes.Length)
                {
                    var (result, failure) = outcomes[taken++];
                    failure?.Throw();
                    yield return result!;
                }
            }
            finally
            {
                foreach (var (result, _) in outcomes.AsSpan(taken))
                {
                    (result as IDisposable)?.Dispose();
                }
            }
        }
    }

    /// <summary>Does pieces of work that need processors, with no result but what they leave behind. The first failure in their order comes here.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="work">Does one, by its number, beside others.</param>
    internal static void ForEach(int count, Action<int> work)
    {
        var failures = new ExceptionDispatchInfo?[count];
        Run(count, ProcessorsFor(count), i =>
        {
            try
            {
                work(i);
            }
            catch (Exception e)
            {
                failures[i] = ExceptionDispatchInfo.Capture(e);
            }
        });
        Array.Find(failures, f => f is not null)?.Throw();
    }

    private static void Run(int count, int threads, Action<int> work)
    {
        var next = -1;
        void Take()
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                work(i);
            }
        }

        // Threads of their own: those of the pool may all be waiting for something else.
        var others = new Task[Math.Max(Math.Min(threads, count) - 1, 0)];
        for (var i = 0; i < others.Length; i++)
        {
            others[i] = Task.Factory.StartNew(Take, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        Take();
        Task.WaitAll(others);
    }

    private static (TResult? Result, ExceptionDispatchInfo? Failure) Try<TPiece, TResult>(Func<TPiece, TResult> work, TPiece piece)
    {
        try
        {
            return (work(piece), null);
        }
        catch (Exception e)
        {
            return (default, ExceptionDispatchInfo.Capture(e));
        }
    }
}
