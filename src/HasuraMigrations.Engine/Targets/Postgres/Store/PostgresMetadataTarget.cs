using System.Data;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Api;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Metadata in Hasura's own catalog in Postgres, straight through Npgsql; no Hasura server is needed.</summary>
public sealed class PostgresMetadataTarget : IMetadataTarget
{
    /// <summary>The token of a snapshot where there was no store.</summary>
    private const string NoStore = "none";

    private readonly PostgresConnector _connector;
    private readonly SourcePlaces _places;
    private readonly int _configVersion;

    /// <summary>A target that connects when it is first used.</summary>
    /// <param name="connection">The database that migrations are applied to.</param>
    /// <param name="metadataConnection">Hasura's metadata database, where it is another one; null for the same.</param>
    /// <param name="configVersion">Config version of the project, which tells what a new store must have for Hasura's CLI.</param>
    public PostgresMetadataTarget(HasuraConnection connection, HasuraConnection? metadataConnection, int configVersion)
        : this(metadataConnection ?? connection, connection, new Dictionary<string, HasuraConnection>(), configVersion)
    {
    }

    /// <summary>A target that connects when it is first used, and to the databases of sources when they are needed.</summary>
    /// <param name="metadata">Hasura's metadata database.</param>
    /// <param name="own">The database of the only source, or of <c>default</c>; null where nobody named it.</param>
    /// <param name="sources">Databases by the name of their source.</param>
    /// <param name="configVersion">Config version of the project, which tells what a new store must have for Hasura's CLI.</param>
    public PostgresMetadataTarget(HasuraConnection metadata, HasuraConnection? own, IReadOnlyDictionary<string, HasuraConnection> sources, int configVersion)
    {
        _connector = new PostgresConnector(metadata);
        _places = new SourcePlaces(metadata, own, sources);
        _configVersion = configVersion;
    }

    /// <inheritdoc/>
    public string Description => _connector.Description;

    /// <inheritdoc/>
    public Task<MetadataSnapshot> ExportAsync(CancellationToken cancellationToken) =>
        InTransactionAsync("reading the metadata", IsolationLevel.RepeatableRead, async (session, probe) =>
        {
            if (MetadataStores.Find(probe, Description) is not { } store)
            {
                return new MetadataSnapshot(new MetadataDocument(Empty()), null, NoStore, Exists: false);
            }

            var stored = await store.ReadAsync(session, forWrite: false, cancellationToken).ConfigureAwait(false);
            RemoveHidden(stored.Document.Root);
            var document = store.Era.IsVersion1 ? new MetadataDocument(VersionOneForm.Of(stored.Document.Root)) : stored.Document;
            return new MetadataSnapshot(document, stored.ResourceVersion, stored.Token);
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<string> ReadIdentityAsync(CancellationToken cancellationToken) => _connector.ReadAsync("metadata", "reading the identity of the database", async (session, token) =>
    {
        var identity = HistoryStore.ToIdentity((await session.RowsAsync(HistoryStore.Identity(hasLog: false), token).ConfigureAwait(false))[0]);
        return $"{identity.System}/{identity.Database}";
    }, cancellationToken);

    /// <inheritdoc/>
    // As the command of a server, with its checks, its work in databases and its judgement.
    public Task<MetadataReplaced> ReplaceAsync(MetadataDocument document, MetadataReplaceOptions options, CancellationToken cancellationToken) =>
        InTransactionAsync("replacing the metadata", IsolationLevel.ReadCommitted, async (session, probe) =>
        {
            CheckWritable(probe);
            var store = await FindOrCreateAsync(session, probe, document, options, cancellationToken).ConfigureAwait(false);
            store.Check(document);
            var held = await store.ReadAsync(session, forWrite: true, cancellationToken).ConfigureAwait(false);
            if (options.ExpectedToken is { } expected && expected != NoStore && expected != held.Token)
            {
                throw MetadataReplacement.Conflict(Description, expected, held.Token);
            }

            var stored = await store.ReadAsync(session, forWrite: false, cancellationToken).ConfigureAwait(false);
            var sources = new KnownSources(session, _places, [stored.Document.Root, document.Root], isReadOnly: false, cancellationToken);
            await using (sources.ConfigureAwait(false))
            {
                var notDone = MetadataEffects.Of(stored.Document.Root, document.Root, store.DropsTriggers, s => !options.SkipSideEffects && sources.IsKnown(s));
                if (notDone.Count > 0 && !options.SkipSideEffects)
                {
                    throw new HasuraMigrationException("MetadataSideEffects", $"The metadata on {Description} was not replaced, because this work of a server would be omitted: {string.Join(" ", notDone)}", Description);
                }

                if (!MetadataEffects.HasEventTriggers(stored.Document.Root))
                {
                    // Event triggers are all that the command asks of the tables that it replaces.
                    await stored.Document.ReleaseAsync().ConfigureAwait(false);
                }

                var metadata = new CommandSession(store.Era, stored.Document.Root, sources) { SkipsEffects = options.SkipSideEffects, TakesArguments = options.TakesDocument };
                var warnings = await MetadataReplacing.RunAsync(metadata, document, options, Description, cancellationToken).ConfigureAwait(false);
                var replaced = MetadataReplacing.Result(options.SkipConsistencyCheck ? null : await metadata.BuildAsync(cancellationToken).ConfigureAwait(false), held.ResourceVersion, held.Token, notDone);
                metadata.ForgetSchema();
                await document.LetGoAsync().ConfigureAwait(false);
                await DocumentCommit.WriteAsync(session, store, held, metadata, cancellationToken).ConfigureAwait(false);
                var (version, token) = await store.BumpAsync(session, held.ResourceVersion, options.NoReload ? null : ReloadScope.Of(metadata.Root), cancellationToken).ConfigureAwait(false);
                await sources.CommitAsync().ConfigureAwait(false);
                return replaced with { ResourceVersion = version, Token = token, Warnings = warnings };
            }
        }, cancellationToken);

    /// <inheritdoc/>
    public Task ReloadAsync(CancellationToken cancellationToken) =>
        InTransactionAsync("notifying servers", IsolationLevel.ReadCommitted, async (session, probe) =>
        {
            CheckWritable(probe);
            var store = Store(probe);
            var current = await store.ReadAsync(session, forWrite: true, cancellationToken).ConfigureAwait(false);
            return await store.BumpAsync(session, current.ResourceVersion, ReloadScope.Of(current.Document.Root), cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<MetadataConsistency> ReadConsistencyAsync(CancellationToken cancellationToken) =>
        InTransactionAsync("comparing the metadata with the databases", IsolationLevel.RepeatableRead, async (session, probe) =>
        {
            if (MetadataStores.Find(probe, Description) is not { } store)
            {
                return new MetadataConsistency(null, []);
            }

            var stored = await store.ReadAsync(session, forWrite: false, cancellationToken).ConfigureAwait(false);
            var sources = new KnownSources(session, _places, [stored.Document.Root], isReadOnly: true, cancellationToken);
            await using (sources.ConfigureAwait(false))
            {
                var built = await new CommandSession(store.Era, stored.Document.Root, sources).BuildAsync(cancellationToken).ConfigureAwait(false);
                var found = MetadataReplacing.Result(built, stored.ResourceVersion, stored.Token, []);
                return new MetadataConsistency(found.IsConsistent, found.Inconsistencies) { UnknownSources = [.. built.Skipped.Order(StringComparer.Ordinal)] };
            }
        }, cancellationToken);

    /// <inheritdoc/>
    public Task DropInconsistenciesAsync(CancellationToken cancellationToken) => ExecuteAsync(new JsonObject { ["type"] = "drop_inconsistent_metadata", ["args"] = new JsonObject() }, cancellationToken);

    /// <inheritdoc/>
    public Task<IApiSchemas> ReadApiAsync(ApiSettings settings, CancellationToken cancellationToken) => ReadApiAsync(null, settings, cancellationToken);

    /// <summary>The GraphQL schemas of a document over the databases of this target.</summary>
    /// <param name="document">The document; null for the one that is stored.</param>
    /// <param name="settings">Settings of the server.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal Task<IApiSchemas> ReadApiAsync(MetadataDocument? document, ApiSettings settings, CancellationToken cancellationToken) =>
        InTransactionAsync("reading what GraphQL schemas are made of", IsolationLevel.RepeatableRead, async (session, probe) =>
        {
            var store = document is null ? Store(probe) : null;
            var root = document?.Root ?? (await store!.ReadAsync(session, forWrite: false, cancellationToken).ConfigureAwait(false)).Document.Root;
            var era = settings.IsVersionGiven || store is null ? settings.Era : store.Era;
            var sources = new KnownSources(session, _places, [root], isReadOnly: true, cancellationToken);
            await using (sources.ConfigureAwait(false))
            {
                var state = await new CommandSession(era, root, sources).DescribeAsync(cancellationToken).ConfigureAwait(false);
                return (IApiSchemas)new ComputedApiSchemas(state, settings with { Era = era });
            }
        }, cancellationToken);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable?> LockReleaseAsync(TimeSpan timeout, Action<Finding> waiting, CancellationToken cancellationToken) =>
        await ReleaseLock.TakeAsync(_connector, timeout, waiting, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    // By the rules of a server of version 2 where the catalog holds a document, else of version 1; a bulk is all or nothing.
    public Task<JsonNode?> ExecuteAsync(JsonObject body, CancellationToken cancellationToken) => MetadataCommandRunner.IsReading(body)
        ? InTransactionAsync("running a command", IsolationLevel.RepeatableRead, async (session, probe) =>
        {
            // Who only reads needs no right to write and keeps nobody from writing.
            await session.CommandAsync("SET TRANSACTION READ ONLY", cancellationToken).ConfigureAwait(false);
            return (JsonNode?)await ExecuteAsync(session, probe, held: null, body, cancellationToken).ConfigureAwait(false);
        }, cancellationToken)
        : InTransactionAsync("running a command", IsolationLevel.ReadCommitted, async (session, probe) =>
        {
            CheckWritable(probe);
            // Keeps others from writing; what it reads is not all.
            var held = await Store(probe).ReadAsync(session, forWrite: true, cancellationToken).ConfigureAwait(false);
            return (JsonNode?)await ExecuteAsync(session, probe, held, body, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connector.DisposeAsync();

    private async Task<JsonNode> ExecuteAsync(NpgsqlConnection session, CatalogProbe probe, StoredMetadata? held, JsonObject body, CancellationToken cancellationToken)
    {
        var store = Store(probe);
        var stored = await store.ReadAsync(session, forWrite: false, cancellationToken).ConfigureAwait(false);
        var sources = new KnownSources(session, _places, [stored.Document.Root], isReadOnly: held is null, cancellationToken);
        await using (sources.ConfigureAwait(false))
        {
            var metadata = new CommandSession(store.Era, stored.Document.Root, sources);
            var answer = await new MetadataCommandRunner(session, metadata, SourcePlaces.NameOfOwn(stored.Document.Root), stored.ResourceVersion).AnswerAsync(body, Description, cancellationToken).ConfigureAwait(false);
            if (held is not null && metadata.IsModified)
            {
                await DocumentCommit.WriteAsync(session, store, held, metadata, cancellationToken).ConfigureAwait(false);
                await store.BumpAsync(session, stored.ResourceVersion, ReloadScope.Of(metadata.Root), cancellationToken).ConfigureAwait(false);
            }

            await sources.CommitAsync().ConfigureAwait(false);
            return answer;
        }
    }

    private IMetadataStore Store(CatalogProbe probe) => MetadataStores.Find(probe, Description) ?? throw MetadataStores.Missing(probe, Description);

    private async Task<IMetadataStore> FindOrCreateAsync(NpgsqlConnection session, CatalogProbe probe, MetadataDocument document, MetadataReplaceOptions options, CancellationToken cancellationToken)
    {
        var found = MetadataStores.Find(probe, Description);
        if (found is not null)
        {
            return options.ExpectedToken == NoStore ? throw MetadataReplacement.Conflict(Description, "no metadata", "there") : found;
        }

        if (!options.CreateStateStore)
        {
            throw MetadataStores.Missing(probe, Description);
        }

        return options.ExpectedToken is null or NoStore
            ? await MetadataStores.CreateAsync(session, probe, document, _configVersion < 3, Description, cancellationToken).ConfigureAwait(false)
            : throw MetadataReplacement.Conflict(Description, options.ExpectedToken, "gone");
    }

    private void CheckWritable(CatalogProbe probe)
    {
        if (probe.IsReadOnly)
        {
            throw new HasuraMigrationException("ServerReadOnly", $"{Description} does not accept writes: it is a replica, or the session is read-only.", Description);
        }
    }

    private JsonObject Empty() => _configVersion == 3
        ? new JsonObject { ["version"] = 3, ["sources"] = new JsonArray() }
        : new JsonObject { ["version"] = 2, ["tables"] = new JsonArray() };

    /// <summary>Takes away what no export shows.</summary>
    internal static void RemoveHidden(JsonObject root)
    {
        var hidden = MetadataEffects.CronTriggers(root).Where(MetadataTree.IsHiddenCronTrigger).ToList();
        foreach (var trigger in hidden)
        {
            trigger.Parent!.AsArray().Remove(trigger);
        }

        if (hidden.Count > 0 && root["cron_triggers"] is JsonArray { Count: 0 })
        {
            root.Remove("cron_triggers");
        }
    }

    private Task<T> InTransactionAsync<T>(string doing, IsolationLevel isolation, Func<NpgsqlConnection, CatalogProbe, Task<T>> work, CancellationToken cancellationToken) => isolation == IsolationLevel.RepeatableRead
        ? _connector.ReadAsync("metadata", doing, (session, token) => InTransactionAsync(session, doing, isolation, work, token), cancellationToken)
        // Not repeated: the work is not harmless when it happens twice.
        : _connector.UseAsync("metadata", session => InTransactionAsync(session, doing, isolation, work, cancellationToken), cancellationToken);

    private async Task<T> InTransactionAsync<T>(NpgsqlConnection session, string doing, IsolationLevel isolation, Func<NpgsqlConnection, CatalogProbe, Task<T>> work, CancellationToken cancellationToken)
    {
        CatalogProbe? probe = null;
        try
        {
            await using var transaction = await session.BeginTransactionAsync(isolation, cancellationToken).ConfigureAwait(false);
            probe = await CatalogProbe.ReadAsync(session, Description, cancellationToken).ConfigureAwait(false);
            var result = await work(session, probe).ConfigureAwait(false);
            await new ProvenCommit(_connector, doing).RunAsync(session, transaction, cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch (PostgresException e) when (e.SqlState == "42501" && probe is not null)
        {
            throw probe.Denied(Description, e);
        }
        catch (PostgresException e) when (e.SqlState is "23505" or "42P06" or "42P07" or "42723" && probe is { HasDocument: false, HasRows: false })
        {
            throw new HasuraMigrationException("MetadataConflict", $"Another client created Hasura's catalog on {Description} at the same time: {e.MessageText}.", Description, e);
        }
        catch (PostgresException e) when (e.SqlState == "23505" && probe is { HasRows: true })
        {
            throw new HasuraMigrationException("MetadataNotStorable", $"The metadata contains an object of the catalog on {Description} twice: {e.MessageText} ({e.TableName}).", Description, e);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, doing, Description);
        }
    }
}
