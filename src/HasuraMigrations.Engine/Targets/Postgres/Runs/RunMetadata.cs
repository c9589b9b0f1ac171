using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Api;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Hasura's metadata within the transaction of a run: read before the first action, written after the last.</summary>
internal sealed class RunMetadata
{
    private readonly NpgsqlConnection _session;
    private readonly IMetadataStore _store;
    private readonly StoredMetadata _held;
    private readonly long? _resourceVersion;
    private readonly CommandSession _metadata;
    private readonly MetadataCommandRunner _runner;

    private RunMetadata(NpgsqlConnection session, IMetadataStore store, StoredMetadata held, long? resourceVersion, CommandSession metadata, string source)
    {
        (_session, _store, _held, _resourceVersion, _metadata) = (session, store, held, resourceVersion, metadata);
        _runner = new MetadataCommandRunner(session, metadata, source, resourceVersion);
    }

    /// <summary>Reads the metadata, and keeps others from writing it until the transaction ends.</summary>
    /// <exception cref="HasuraMigrationException">MetadataStoreMissing, MetadataStoreUnsupported, PermissionMissing.</exception>
    internal static async Task<RunMetadata> OpenAsync(RunContext context, NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var description = context.Connector.Description;
        var probe = await CatalogProbe.ReadAsync(session, description, cancellationToken).ConfigureAwait(false);
        var store = MetadataStores.Find(probe, description);
        if (store is null)
        {
            store = context.Options.CreateStateStore
                ? await MetadataStores.CreateAsync(session, probe, new MetadataDocument(Empty(context.Database)), needsTableState: true, description, cancellationToken).ConfigureAwait(false)
                : throw MetadataStores.Missing(probe, description);
            probe = await CatalogProbe.ReadAsync(session, description, cancellationToken).ConfigureAwait(false);
        }

        // The first reading keeps others from writing, but does not read all.
        var held = await store.ReadAsync(session, forWrite: true, cancellationToken).ConfigureAwait(false);
        var stored = await store.ReadAsync(session, forWrite: false, cancellationToken).ConfigureAwait(false);
        var root = stored.Document.Root;
        if (root["sources"] is JsonArray { Count: 0 })
        {
            root = Empty(context.Database);
        }

        var era = probe.HasDocument ? MetadataEra.Version2 : MetadataEra.Version1;
        return new RunMetadata(session, store, held, stored.ResourceVersion, new CommandSession(era, root, new OwnSource(session, context.Database)), context.Database);
    }

    /// <summary>Carries out an action.</summary>
    /// <exception cref="MetadataCommandException">It is refused.</exception>
    /// <exception cref="PostgresException">SQL of it failed.</exception>
    internal Task RunAsync(JsonObject body, CancellationToken cancellationToken) => _runner.RunAsync(body, cancellationToken);

    /// <summary>Runs the SQL of a file and carries what it did into the metadata.</summary>
    /// <param name="isChecked">False where it does nothing that metadata could rest on.</param>
    /// <param name="run">Runs it.</param>
    /// <param name="source">The source.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MetadataCommandException">What it did is refused.</exception>
    internal Task RunSqlAsync(bool isChecked, Func<Task> run, string source, CancellationToken cancellationToken) =>
        _metadata.RunSqlAsync(source, isChecked, cascade: false, async after =>
        {
            await run().ConfigureAwait(false);
            await after(_session, null).ConfigureAwait(false);
            return true;
        }, cancellationToken);

    /// <summary>Writes what changed; running servers see it when the transaction commits.</summary>
    internal async Task WriteAsync(bool notifies, CancellationToken cancellationToken)
    {
        if (_metadata.IsModified)
        {
            await DocumentCommit.WriteAsync(_session, _store, _held, _metadata, cancellationToken).ConfigureAwait(false);
            await _store.BumpAsync(_session, _resourceVersion, notifies ? ReloadScope.Of(_metadata.Root) : null, cancellationToken).ConfigureAwait(false);
        }
    }

    private static JsonObject Empty(string source) => new()
    {
        ["version"] = 3,
        ["sources"] = new JsonArray(new JsonObject
        {
            ["name"] = source,
            ["kind"] = "postgres",
            ["tables"] = new JsonArray(),
            ["configuration"] = new JsonObject { ["connection_info"] = new JsonObject { ["database_url"] = new JsonObject { ["from_env"] = MetadataDocument.DatabaseVariable } } },
        }),
    };
}
