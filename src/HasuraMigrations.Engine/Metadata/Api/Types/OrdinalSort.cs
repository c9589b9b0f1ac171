

namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>
/// Sorts names by code point, with what belongs to them. Names of a schema come in thousands and begin alike, so this looks at their
/// characters one after the other, and at none twice (Bentley and Sedgewick, multikey quicksort).
/// </summary>
internal static class OrdinalSort
{
    private const int Few = 12;

    internal static void Sort<T>(string[] names, T[] items)
    {
        // Not recursive: names can be as long as anybody makes them.
        var waiting = new Stack<(int Low, int High, int At)>([(0, names.Length - 1, 0)]);
        while (waiting.TryPop(out var part))
        {
            var (low, high, at) = part;
            if (high - low < Few)
            {
                Insert(names, items, low, high);
                continue;
            }

            var pivot = Median(At(names[low], at), At(names[(low + high) / 2], at), At(names[high], at));
            var (less, greater, i) = (low, high, low);
            while (i <= greater)
            {
                var character = At(names[i], at);
                if (character < pivot)
                {
                    Swap(names, items, less++, i++);
                }
                else if (character > pivot)
                {
                    Swap(names, items, i, greater--);
                }
                else
                {
                    i++;
                }
            }

            waiting.Push((low, less - 1, at));
            waiting.Push((greater + 1, high, at));
            if (pivot >= 0)
            {
                waiting.Push((less, greater, at + 1));
            }
        }
    }

    private static int At(string name, int index) => index < name.Length ? name[index] : -1;

    private static int Median(int a, int b, int c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));

    private static void Insert<T>(string[] names, T[] items, int low, int high)
    {
        for (var i = low + 1; i <= high; i++)
        {
            for (var k = i; k > low && string.CompareOrdinal(names[k - 1], names[k]) > 0; k--)
            {
                Swap(names, items, k - 1, k);
            }
        }
    }

    private static void Swap<T>(string[] names, T[] items, int left, int right)
    {
        (names[left], names[right]) = (names[right], names[left]);
        (items[left], items[right]) = (items[right], items[left]);
    }
}
