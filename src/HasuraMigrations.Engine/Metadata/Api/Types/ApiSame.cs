

namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>Definitions of one name.</summary>
internal static class ApiSame
{
    /// <summary>Two that servers take for one: they are alike but for descriptions.</summary>
    internal static bool Are(ApiType left, ApiType right) =>
        left.Kind == right.Kind
        && All(left.Fields, right.Fields, (a, b) => a.Name == b.Name && a.Type == b.Type && All(a.Arguments, b.Arguments, AreValues))
        && All(left.InputFields, right.InputFields, AreValues)
        && All(left.EnumValues, right.EnumValues, (a, b) => a.Name == b.Name)
        && All(left.Interfaces, right.Interfaces, string.Equals)
        && All(left.PossibleTypes, right.PossibleTypes, string.Equals);

    /// <summary>Two of which one can stand for both.</summary>
    internal static bool AreOne(ApiType left, ApiType right) =>
        left.Kind == right.Kind
        && left.Description == right.Description
        && All(left.Fields, right.Fields, AreOneField)
        && All(left.InputFields, right.InputFields, AreOneValue)
        && All(left.EnumValues, right.EnumValues, (a, b) => ReferenceEquals(a, b) || a == b)
        && All(left.Interfaces, right.Interfaces, string.Equals)
        && All(left.PossibleTypes, right.PossibleTypes, string.Equals);

    private static bool AreValues(ApiInputValue left, ApiInputValue right) => left.Name == right.Name && left.Type == right.Type && left.Default == right.Default;

    private static bool AreOneValue(ApiInputValue left, ApiInputValue right) => ReferenceEquals(left, right) || left == right;

    private static bool AreOneField(ApiField left, ApiField right) => ReferenceEquals(left, right)
        || (left.Name == right.Name && left.Type == right.Type && left.Description == right.Description && left.LeavesTypeWithoutText == right.LeavesTypeWithoutText
            && All(left.Arguments, right.Arguments, AreOneValue));

    private static bool All<T>(T[] left, T[] right, Func<T, T, bool> areSame)
    {
        if (ReferenceEquals(left, right))
        {
            return true;
        }

        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (!areSame(left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }
}
