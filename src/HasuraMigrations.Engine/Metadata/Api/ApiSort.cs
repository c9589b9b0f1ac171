namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Members of types in the order of a server: by name, by code point.</summary>
internal static class ApiSort
{
    internal static ApiField[] Sorted(List<ApiField> fields) => Sorted(fields, f => f.Name);

    internal static ApiInputValue[] Sorted(List<ApiInputValue> values) => Sorted(values, v => v.Name);

    internal static ApiEnumValue[] Sorted(List<ApiEnumValue> values) => Sorted(values, v => v.Name);

    internal static ApiInputValue[] Of(params ApiInputValue?[] values) => Sorted(values.OfType<ApiInputValue>().ToList());

    // Most lists are made of parts that are in order: those are not sorted again.
    private static T[] Sorted<T>(List<T> members, Func<T, string> name)
    {
        var sorted = members.ToArray();
        for (var i = 1; i < sorted.Length; i++)
        {
            if (string.CompareOrdinal(name(sorted[i - 1]), name(sorted[i])) > 0)
            {
                Array.Sort(sorted, (a, b) => string.CompareOrdinal(name(a), name(b)));
                break;
            }
        }

        return sorted;
    }
}
