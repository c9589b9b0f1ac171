using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// Metadata through a running server. Its version is compared and swapped by servers of version 2; for those of version 1,
/// which have none, the document is read again right before it is written.
/// </summary>
public sealed class ServerMetadataTarget : IMetadataServer
{
    private const int MostAttempts = 5;

    private readonly HasuraClient _client;
    private readonly bool _isOwner;

    /// <summary>A target with a client of its own.</summary>
    /// <exception cref="HasuraMigrationException">ServerInsecure, ServerCertificateAuthorityInvalid.</exception>
    public ServerMetadataTarget(HasuraServerConnection connection)
        : this(new HasuraClient(connection)) => _isOwner = true;

    /// <summary>A target that shares a client with others.</summary>
    /// <param name="client">The client, which the caller disposes.</param>
    public ServerMetadataTarget(HasuraClient client) => _client = client;

    /// <inheritdoc/>
    public string Description => _client.Description;

    /// <inheritdoc/>
    public Task<string> ReadIdentityAsync(CancellationToken cancellationToken) => Task.FromResult(Description);

    /// <inheritdoc/>
    public async Task<MetadataSnapshot> ExportAsync(CancellationToken cancellationToken)
    {
        var answer = _client.Capabilities is { } known
            ? await _client.CallAsync(known.HasMetadataApi ? HasuraClient.Export2 : HasuraClient.Export1, cancellationToken).ConfigureAwait(false)
            : await _client.ExportFirstAsync(cancellationToken).ConfigureAwait(false);
        var isVersioned = _client.Capabilities!.HasMetadataApi;
        if ((isVersioned ? answer.Get("metadata") : answer) is not JsonObject root)
        {
            throw _client.Errors.Unsupported(_client.Capabilities.Version, "its export is not an object");
        }

        var document = new MetadataDocument(root) { RestsOnText = true };
        return isVersioned
            ? new MetadataSnapshot(document, answer!["resource_version"]!.GetValue<long>(), Token(answer["resource_version"]!.GetValue<long>()))
            : new MetadataSnapshot(document, null, Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(root.ToText()))));
    }

    /// <inheritdoc/>
    public async Task<MetadataReplaced> ReplaceAsync(MetadataDocument document, MetadataReplaceOptions options, CancellationToken cancellationToken)
    {
        var write = new ServerWrite(document, Replace(document, options));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteAsync(write, options.ExpectedToken, cancellationToken).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e) when (e.ErrorId == "MetadataConflict" && options.ExpectedToken is null && attempt < MostAttempts)
            {
                // A writer that gave no expected version accepts overwriting.
                continue;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<MetadataReplaced> ClearAsync(string? expectedToken, CancellationToken cancellationToken)
    {
        var present = await ExportAsync(cancellationToken).ConfigureAwait(false);
        return await WriteAsync(new ServerWrite(present.Document.Cleared(), isVersion2 => new ServerCommand(Api(isVersion2), "clear_metadata")), expectedToken ?? present.Token, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task ReloadAsync(CancellationToken cancellationToken) => ReloadAsync(new MetadataReloadOptions(), cancellationToken);

    /// <inheritdoc/>
    public async Task<MetadataConsistency> ReloadAsync(MetadataReloadOptions options, CancellationToken cancellationToken)
    {
        var answer = await _client.CallAsync(new ServerCommand(await ApiAsync(cancellationToken).ConfigureAwait(false), "reload_metadata", Arguments(options)), cancellationToken).ConfigureAwait(false);
        // Only servers from 2.4 on tell of what they found.
        return Consistency(answer) ?? await ReadConsistencyAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<MetadataConsistency> ReadConsistencyAsync(CancellationToken cancellationToken)
    {
        var command = new ServerCommand(await ApiAsync(cancellationToken).ConfigureAwait(false), "get_inconsistent_metadata") { IsRead = true };
        return Consistency(await _client.CallAsync(command, cancellationToken).ConfigureAwait(false))
            ?? throw _client.Errors.Unsupported(_client.Capabilities!.Version, "it does not report whether its metadata is consistent");
    }

    /// <inheritdoc/>
    public async Task<IApiSchemas> ReadApiAsync(ApiSettings settings, CancellationToken cancellationToken)
    {
        var root = (await ExportAsync(cancellationToken).ConfigureAwait(false)).Document.Root;
        return new AskedApiSchemas(ApiRoles.Of(root), (role, isBackend, token) => _client.AskAsync(IntrospectionReader.Query, role, isBackend, settings.IsRelay, token));
    }

    /// <inheritdoc/>
    // The API of a server has no lock that outlives a request.
    public Task<IAsyncDisposable?> LockReleaseAsync(TimeSpan timeout, Action<Finding> waiting, CancellationToken cancellationToken) => Task.FromResult<IAsyncDisposable?>(null);

    /// <inheritdoc/>
    public async Task<JsonNode?> ExecuteAsync(JsonObject body, CancellationToken cancellationToken) =>
        await _client.CallAsync(ServerCommand.Of(body, await _client.ProbeAsync(cancellationToken).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task DropInconsistenciesAsync(CancellationToken cancellationToken) =>
        await _client.CallAsync(new ServerCommand(await ApiAsync(cancellationToken).ConfigureAwait(false), "drop_inconsistent_metadata"), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_isOwner)
        {
            _client.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    internal static MetadataConsistency? Consistency(JsonNode? answer) =>
        answer.Get("is_consistent") is JsonValue value && value.TryGetValue<bool>(out var isConsistent)
            ? new MetadataConsistency(isConsistent, InconsistencyReading.Read(answer.Get("inconsistent_objects")))
            : null;

    internal static string Token(long resourceVersion) => resourceVersion.ToString(CultureInfo.InvariantCulture);

    internal static ServerApi Api(bool isVersion2) => isVersion2 ? ServerApi.Metadata : ServerApi.Query;

    /// <summary>What is to be read again, as arguments that every version takes.</summary>
    internal static JsonObject Arguments(MetadataReloadOptions options) => new()
    {
        ["reload_sources"] = Scope(options.Sources),
        ["reload_remote_schemas"] = Scope(options.RemoteSchemas),
        ["recreate_event_triggers"] = Scope(options.EventTriggers),
    };

    private static JsonNode Scope(MetadataReloadScope scope) =>
        scope.Names.Count == 0 ? JsonValue.Create(scope.IsAll) : new JsonArray([.. scope.Names.Select(n => (JsonNode)n)]);

    private static Func<bool, ServerCommand> Replace(MetadataDocument document, MetadataReplaceOptions options) => isVersion2 => isVersion2
        ? new ServerCommand(ServerApi.Metadata, "replace_metadata")
        {
            Version = 2,
            WriteArgs = writer =>
            {
                writer.WriteStartObject();
                writer.WriteBoolean("allow_inconsistent_metadata", options.AllowInconsistent);
                writer.WritePropertyName("metadata");
                document.Root.WriteTo(writer, JsonText.Compact);
                writer.WriteEndObject();
            },
        }
        : new ServerCommand(ServerApi.Query, "replace_metadata", document.Root);

    private async Task<MetadataReplaced> WriteAsync(ServerWrite write, string? expectedToken, CancellationToken cancellationToken)
    {
        var present = expectedToken is null || !await IsVersion2Async(cancellationToken).ConfigureAwait(false) ? await ExportAsync(cancellationToken).ConfigureAwait(false) : null;
        var token = present?.Token ?? expectedToken!;
        return expectedToken is not null && token != expectedToken
            ? throw new HasuraMigrationException("MetadataConflict", $"The metadata on {Description} was changed by another writer after it was read.", Description)
            : await new ServerMetadataWriter(_client, this).WriteAsync(write, token, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ServerApi> ApiAsync(CancellationToken cancellationToken) => Api(await IsVersion2Async(cancellationToken).ConfigureAwait(false));

    private async Task<bool> IsVersion2Async(CancellationToken cancellationToken) =>
        (_client.Capabilities ?? await _client.ProbeAsync(cancellationToken).ConfigureAwait(false)).HasMetadataApi;
}
