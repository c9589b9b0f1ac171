namespace HasuraMigrations.Engine.Processes;

/// <summary>
/// Keeps what work on large documents leaves behind from piling up. The runtime collects young objects by a budget that it takes from the
/// size of the processor's caches: on large ones, hundreds of megabytes.
/// </summary>
internal static class GarbageBound
{
    // A collection of young objects takes a few milliseconds where few of them are still in use.
    private const long Bound = 20L << 20;

    private static long _allocated;
    private static int _collections;

    /// <summary>Asked between pieces of work: collects young objects where many were made since that was done last.</summary>
    internal static void Keep()
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: false);
        var collections = GC.CollectionCount(0);
        if (collections != Volatile.Read(ref _collections))
        {
            // The runtime did it by itself.
            Volatile.Write(ref _collections, collections);
            Volatile.Write(ref _allocated, allocated);
        }
        else if (allocated - Volatile.Read(ref _allocated) > Bound)
        {
            // Not of the youngest alone: what survives one collection is rarely needed at the next.
            GC.Collect(1, GCCollectionMode.Forced, blocking: true);
        }
    }
}
