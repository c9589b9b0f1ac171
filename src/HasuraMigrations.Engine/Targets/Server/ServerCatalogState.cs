using System.Diagnostics;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// Hasura's catalog state through the server's API. It is replaced whole and nobody compares, so it is read right before it
/// is written, and read again later to see that no other writer put an older one over it.
/// </summary>
internal sealed class ServerCatalogState(HasuraClient client, string source)
{
    private const int MostWrites = 5;

    // Beside a client that never stops, each look has an even chance.
    private const int MostLooks = 20;

    // Longer than another client takes between reading and writing, so that what it overwrites is seen.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    private readonly Stopwatch _sinceWritten = new();

    private static ServerCommand Get => new(ServerApi.Metadata, "get_catalog_state") { IsRead = true };

    /// <summary>Reads it.</summary>
    /// <returns>The id of the catalog and the state of the type cli.</returns>
    internal static async Task<(Guid? InstanceId, JsonNode? State)> ReadAsync(HasuraClient client, CancellationToken cancellationToken)
    {
        var answer = await client.CallAsync(Get, cancellationToken).ConfigureAwait(false);
        return (Guid.TryParse(answer.Get("id").AsText(), out var id) ? id : null, answer.Get("cli_state"));
    }

    /// <summary>Adds and removes versions; other keys and sources stay. A write that fails is tried again.</summary>
    /// <returns>False where there was nothing to change.</returns>
    internal async Task<bool> WriteAsync(IReadOnlyCollection<long> added, IReadOnlyCollection<long> removed, CancellationToken cancellationToken)
    {
        for (var write = 1; ; write++)
        {
            var (_, state) = await ReadAsync(client, cancellationToken).ConfigureAwait(false);
            if (Has(state, added, removed))
            {
                return write > 1;
            }

            var args = new JsonObject { ["type"] = "cli", ["state"] = CatalogStateDocument.Change(state, source, added, removed) };
            try
            {
                await client.CallAsync(new ServerCommand(ServerApi.Metadata, "set_catalog_state", args), cancellationToken).ConfigureAwait(false);
                _sinceWritten.Restart();
                return true;
            }
            catch (HasuraServerException e) when (write < MostWrites && (e.MayHaveRun || e.ErrorId == "ServerUnreachable"))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100 << write), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Looks whether what was written is still there, and writes it again where it is not.</summary>
    /// <returns>True where nobody interfered.</returns>
    /// <exception cref="HasuraMigrationException">StateStoreFailed where others always write over it.</exception>
    internal async Task<bool> ProveAsync(IReadOnlyCollection<long> added, IReadOnlyCollection<long> removed, CancellationToken cancellationToken)
    {
        for (var look = 1; ; look++)
        {
            // Read once: a clock that passes the end between two readings would give a delay that does not exist.
            var left = Rest - _sinceWritten.Elapsed;
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, cancellationToken).ConfigureAwait(false);
            }

            if (Has((await ReadAsync(client, cancellationToken).ConfigureAwait(false)).State, added, removed))
            {
                return look == 1;
            }

            if (look == MostLooks)
            {
                throw new HasuraMigrationException("StateStoreFailed", $"The migrations are committed, but another client of {client.Description} keeps overwriting Hasura's record with an older copy.", source);
            }

            await WriteAsync(added, removed, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes into the state what it lacks, and looks whether it stays.</summary>
    /// <exception cref="HasuraMigrationException">StateNotKept, and the errors of servers.</exception>
    internal Task ChangeAsync(StateChange change, StateRecord record, CancellationToken cancellationToken) => new CatalogStateWriter(
        async token => (await ReadAsync(client, token).ConfigureAwait(false)).State,
        async (_, state, token) =>
        {
            try
            {
                await client.CallAsync(new ServerCommand(ServerApi.Metadata, "set_catalog_state", new JsonObject { ["type"] = "cli", ["state"] = state }), token).ConfigureAwait(false);
            }
            catch (HasuraServerException e) when (e.MayHaveRun)
            {
                // The next reading tells whether it ran.
            }
        }).RunAsync(change, record, client.Description, cancellationToken);

    private bool Has(JsonNode? state, IReadOnlyCollection<long> added, IReadOnlyCollection<long> removed)
    {
        var versions = CatalogStateDocument.Versions(state, source);
        return added.All(v => versions.GetValueOrDefault(v, true) == false) && !removed.Any(versions.ContainsKey);
    }
}
