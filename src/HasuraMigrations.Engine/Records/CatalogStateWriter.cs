using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>
/// Writes a change into the catalog state until it stays: other clients replace the state as a whole with what they read before.
/// </summary>
/// <param name="read">Reads the state.</param>
/// <param name="write">Replaces the state that was read by another; may do nothing where it has changed since.</param>
internal sealed class CatalogStateWriter(Func<CancellationToken, Task<JsonNode?>> read, Func<JsonNode?, JsonObject, CancellationToken, Task> write)
{
    private const int MostWrites = 20;

    // Longer than another client takes between reading and writing, so that what it overwrites is seen.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    /// <summary>The text of a state, for a statement.</summary>
    internal static string Text(JsonNode state) => state.ToText();

    /// <summary>Writes; nothing where the state has it all.</summary>
    /// <param name="change">The change.</param>
    /// <param name="record">The record as it was read before.</param>
    /// <param name="description">Where the state is, for messages.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">StateNotKept.</exception>
    internal async Task RunAsync(StateChange change, StateRecord record, string description, CancellationToken cancellationToken)
    {
        for (var writes = 0; ; writes++)
        {
            if (writes > 0)
            {
                await Task.Delay(Rest, cancellationToken).ConfigureAwait(false);
            }

            var state = await read(cancellationToken).ConfigureAwait(false);
            var changed = CatalogStateDocument.Merge(state, record.Database, change, record.Table?.Versions);
            if (changed.SameAs(state))
            {
                return;
            }

            if (writes == MostWrites)
            {
                throw new HasuraMigrationException("StateNotKept", $"Other clients of {description} keep overwriting Hasura's record with older copies, and what was written into it was lost each time.", record.Database);
            }

            await write(state, changed, cancellationToken).ConfigureAwait(false);
        }
    }
}
