using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Changes;

/// <summary>Whether another type of a member keeps valid operations valid.</summary>
internal static class ApiTypeChange
{
    /// <summary>True where everything that is read still is of the type before: only null was ruled out, at any depth.</summary>
    internal static bool IsSafeForOutput(ApiTypeRef before, ApiTypeRef after)
    {
        if (after.IsNonNull)
        {
            return IsSafeForOutput(before.Nullable(), after.Nullable());
        }

        return !before.IsNonNull && HaveSameShape(before, after, IsSafeForOutput);
    }

    /// <summary>True where everything that was passed may still be passed: only null was allowed, at any depth.</summary>
    internal static bool IsSafeForInput(ApiTypeRef before, ApiTypeRef after)
    {
        if (before.IsNonNull)
        {
            return IsSafeForInput(before.Nullable(), after.Nullable());
        }

        return !after.IsNonNull && HaveSameShape(before, after, IsSafeForInput);
    }

    private static bool HaveSameShape(ApiTypeRef before, ApiTypeRef after, Func<ApiTypeRef, ApiTypeRef, bool> areSafe) => (before.Element(), after.Element()) switch
    {
        ({ } left, { } right) => areSafe(left, right),
        (null, null) => before.Name == after.Name,
        _ => false,
    };
}
