namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Two definitions of one name, which have to be alike but for descriptions.</summary>
internal static class ApiSame
{
    internal static bool Are(ApiType left, ApiType right) =>
        left.Kind == right.Kind
        && All(left.Fields, right.Fields, (a, b) => a.Name == b.Name && a.Type == b.Type && All(a.Arguments, b.Arguments, AreValues))
        && All(left.InputFields, right.InputFields, AreValues)
        && All(left.EnumValues, right.EnumValues, (a, b) => a.Name == b.Name)
        && left.Interfaces.SequenceEqual(right.Interfaces)
        && left.PossibleTypes.SequenceEqual(right.PossibleTypes);

    private static bool AreValues(ApiInputValue left, ApiInputValue right) => left.Name == right.Name && left.Type == right.Type && left.Default == right.Default;

    private static bool All<T>(IReadOnlyList<T> left, IReadOnlyList<T> right, Func<T, T, bool> areSame)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            if (!areSame(left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }
}
