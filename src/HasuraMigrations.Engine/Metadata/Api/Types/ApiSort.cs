

namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>Members of types in the order of a server: by name, by code point.</summary>
internal static class ApiSort
{
    internal static ApiField[] Sorted(List<ApiField> fields) => Sorted(fields, f => f.Name);

    internal static ApiInputValue[] Sorted(List<ApiInputValue> values) => Sorted(values, v => v.Name);

    internal static ApiEnumValue[] Sorted(List<ApiEnumValue> values) => Sorted(values, v => v.Name);

    internal static ApiInputValue[] Of(params ReadOnlySpan<ApiInputValue?> values)
    {
        var given = new List<ApiInputValue>(values.Length);
        foreach (var value in values)
        {
            if (value is not null)
            {
                given.Add(value);
            }
        }

        return Sorted(given);
    }

    // More members than this are those of a root.
    private const int Many = 200;

    // Most lists are made of parts that are in order: those are not sorted again.
    private static T[] Sorted<T>(List<T> members, Func<T, string> name)
    {
        var sorted = members.ToArray();
        for (var i = 1; i < sorted.Length; i++)
        {
            if (string.CompareOrdinal(name(sorted[i - 1]), name(sorted[i])) > 0)
            {
                Sort(sorted, name);
                break;
            }
        }

        return sorted;
    }

    private static void Sort<T>(T[] members, Func<T, string> name)
    {
        if (members.Length > Many)
        {
            OrdinalSort.Sort(Array.ConvertAll(members, m => name(m)), members);
        }
        else
        {
            Array.Sort(members, (a, b) => string.CompareOrdinal(name(a), name(b)));
        }
    }
}
