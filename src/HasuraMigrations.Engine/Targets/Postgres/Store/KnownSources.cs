using System.Data;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Api;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Where the databases of sources are, as far as that is known.</summary>
/// <param name="Metadata">The database of the metadata; null where none matters.</param>
/// <param name="Own">The database of the only source, or of <c>default</c>; null where nobody named it.</param>
/// <param name="Others">Databases by the name of their source.</param>
internal sealed record SourcePlaces(HasuraConnection? Metadata, HasuraConnection? Own, IReadOnlyDictionary<string, HasuraConnection> Others)
{
    /// <summary>The database of a source; null where it is not known.</summary>
    /// <param name="source">The source.</param>
    /// <param name="documents">The documents of the request; what is the only source of one lies in <see cref="Own"/>.</param>
    internal HasuraConnection? Find(string source, IEnumerable<JsonObject> documents) =>
        Others.GetValueOrDefault(source) ?? (documents.Any(d => NameOfOwn(d) == source) ? Own : null);

    /// <summary>True for the database of the metadata.</summary>
    internal bool IsMetadata(HasuraConnection place) => Metadata is not null && (place.Host, place.Port, place.DatabaseName) == (Metadata.Host, Metadata.Port, Metadata.DatabaseName);

    /// <summary>The source of a document that belongs to the connection: its only one, else <c>default</c>.</summary>
    internal static string NameOfOwn(JsonObject document) =>
        MetadataTree.SourcesOf(document).Select(s => s.Name).ToList() is [var only] ? only : MetadataDocument.DefaultSource;
}

/// <summary>
/// Sessions on the databases of sources. What lies in the database of the metadata is done in its transaction, where there is one; every
/// other database has one of its own, which is committed before.
/// </summary>
internal sealed class KnownSources(NpgsqlConnection? session, SourcePlaces places, IReadOnlyList<JsonObject> documents, bool isReadOnly, CancellationToken cancellationToken) : ISourceSessions, IAsyncDisposable
{
    private readonly Dictionary<string, (PostgresConnector Connector, NpgsqlConnection Session, NpgsqlTransaction Transaction)> _others = new(StringComparer.Ordinal);

    /// <summary>A database that is known and cannot be reached is an error, else the source is inconsistent, as on a server.</summary>
    internal bool RequiresAll { get; init; }

    /// <summary>True for a source whose database is known.</summary>
    internal bool IsKnown(string source) => places.Find(source, documents) is not null;

    /// <inheritdoc/>
    public async Task<T> UseAsync<T>(string source, JsonNode? configuration, Func<NpgsqlConnection, Task<T>> work)
    {
        var place = places.Find(source, documents) ?? throw new SourceUnavailableException($"the database of the source {source} is not known here") { IsUnknown = true };
        return await work(session is not null && places.IsMetadata(place) ? session : await OtherAsync(source, place).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>Commits what was done in other databases.</summary>
    internal async Task CommitAsync()
    {
        foreach (var (connector, other, transaction) in _others.Values)
        {
            await new ProvenCommit(connector, "changing the database of a source").RunAsync(other, transaction, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, other, transaction) in _others.Values)
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            await other.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<NpgsqlConnection> OtherAsync(string source, HasuraConnection place)
    {
        if (_others.TryGetValue(source, out var known))
        {
            return known.Session;
        }

        try
        {
            var connector = new PostgresConnector(place);
            var opened = await connector.OpenAsync("source", keepAlive: true, cancellationToken, RunOptions.DefaultReconnectTimeout).ConfigureAwait(false);
            var transaction = await opened.BeginTransactionAsync(isReadOnly ? IsolationLevel.RepeatableRead : IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
            _others[source] = (connector, opened, transaction);
            if (isReadOnly)
            {
                await opened.CommandAsync("SET TRANSACTION READ ONLY", cancellationToken).ConfigureAwait(false);
            }

            return opened;
        }
        catch (HasuraMigrationException e) when (!RequiresAll)
        {
            throw new SourceUnavailableException(e.Message);
        }
    }
}
