using System.Runtime.CompilerServices;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>
/// Asks for results of a batch as text. Some types have no binary output, and a SELECT of one would fail where psql does
/// not. The driver has the switch for a command in public and for a batch only inside; its version is pinned, and a test
/// watches it.
/// </summary>
internal static class TextResults
{
    internal static void Ask(NpgsqlBatch batch)
    {
        try
        {
            Set(batch, true);
        }
        catch (MissingMethodException)
        {
            // Only a SELECT of such a type fails then, with the server's own error.
            return;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_AllResultTypesAreUnknown")]
    private static extern void Set(NpgsqlBatch batch, bool value);
}
