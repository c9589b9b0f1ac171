using System.Buffers;

namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>A place for each number of an index, which may grow. The schemas of many roles are made one after the other, with hundreds of thousands of places each.</summary>
/// <param name="count">Numbers that are there already.</param>
internal sealed class PooledSlots<T>(int count) : IDisposable
    where T : class
{
    private Slot[] _slots = Rent(count);

    /// <summary>What has the place of a number; null for nothing.</summary>
    internal T? this[int number]
    {
        get => number < _slots.Length ? _slots[number].Value : null;
        set
        {
            if (number >= _slots.Length)
            {
                var larger = Rent(2 * number);
                _slots.CopyTo(larger, 0);
                Return(_slots);
                _slots = larger;
            }

            _slots[number].Value = value;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Return(_slots);
        _slots = [];
    }

    private static Slot[] Rent(int count) => ArrayPool<Slot>.Shared.Rent(Math.Max(count, 64));

    private static void Return(Slot[] slots)
    {
        if (slots.Length > 0)
        {
            ArrayPool<Slot>.Shared.Return(slots, clearArray: true);
        }
    }

    // Each value that is put into an array of references is compared with the type of its elements; in one of structures it is not.
    private struct Slot
    {
        internal T? Value;
    }
}
