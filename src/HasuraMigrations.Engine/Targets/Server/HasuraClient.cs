using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Processes;
using Polly;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// Speaks to one Hasura server. What only reads is repeated when the connection breaks; what writes never is. The secret
/// goes to the endpoint's origin alone.
/// </summary>
public sealed class HasuraClient : IDisposable
{
    private const int MostRedirects = 5;
    private const string RoleHeader = "X-Hasura-Role";
    private const string BackendHeader = "X-Hasura-Use-Backend-Only-Permissions";

    // Configurations name no path of it.
    private const string RelayPath = "v1beta1/relay";

    /// <summary>How long an answer may take where nothing else is said, SQL apart.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private static readonly string[] Transient = ["ServerUnreachable", "ServerConnectionLost", "ServerGatewayFailed"];

    private readonly HasuraServerConnection _connection;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline _retries;

    /// <summary>A client that connects when it is first used.</summary>
    /// <exception cref="HasuraMigrationException">ServerInsecure, ServerCertificateAuthorityInvalid, LimitInvalid.</exception>
    public HasuraClient(HasuraServerConnection connection)
        : this(connection, null)
    {
    }

    internal HasuraClient(HasuraServerConnection connection, IWebProxy? proxy, long? answerBytes = null)
    {
        _connection = connection;
        Errors = new ServerErrors(connection);
        _http = new HttpClient(ServerTransport.Create(connection, proxy)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = answerBytes ?? Limit.AnswerBytes.Value };
        _retries = ReadRetries.Pipeline(e => Transient.Contains(e.ErrorId));
    }

    /// <summary>The endpoint, for messages.</summary>
    public string Description => _connection.ToString();

    /// <summary>What the server was found to be; null before <see cref="ProbeAsync"/>.</summary>
    public ServerCapabilities? Capabilities { get; private set; }

    internal ServerErrors Errors { get; }

    private TimeSpan Patience => _connection.Timeout ?? DefaultTimeout;

    /// <summary>Finds out once what the server is.</summary>
    /// <exception cref="HasuraMigrationException">ServerVersionUnsupported, ServerApiMissing, and the errors of <see cref="CallAsync"/>.</exception>
    public async Task<ServerCapabilities> ProbeAsync(CancellationToken cancellationToken)
    {
        if (Capabilities is null)
        {
            await ExportFirstAsync(cancellationToken).ConfigureAwait(false);
        }

        return Capabilities!;
    }

    /// <summary>Sends a command.</summary>
    /// <returns>The body of the answer.</returns>
    /// <exception cref="HasuraMigrationException">ServerUnreachable, ServerCertificateInvalid, ServerRedirected,
    /// AdminSecretRejected, ServerApiMissing, ServerAnswerInvalid, ServerGatewayFailed, ServerConnectionLost, ServerTimeout,
    /// ServerAnswerTooLarge, MetadataConflict, MetadataInconsistent, ServerError.</exception>
    public async Task<JsonNode?> CallAsync(ServerCommand command, CancellationToken cancellationToken)
    {
        var path = command.Api switch
        {
            ServerApi.Query => _connection.ApiPaths.Query,
            ServerApi.V2Query => _connection.ApiPaths.V2Query,
            _ => _connection.ApiPaths.Metadata,
        };
        TimeSpan? limit = command.IsUnlimited ? null : Patience;
        return command.IsRead
            ? await _retries.ExecuteAsync(async token => Json(await SendAsync(path, command.ToJson(), command.Type, limit, token).ConfigureAwait(false), command.Type), cancellationToken).ConfigureAwait(false)
            : Json(await SendAsync(path, command.ToJson(), command.Type, limit, cancellationToken).ConfigureAwait(false), command.Type);
    }

    /// <summary>The text that <c>pg_dump</c> of the server writes, as it is.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="source">Source; null for a server or project that knows one only.</param>
    /// <param name="cancellationToken">Ends the wait for an answer.</param>
    /// <exception cref="HasuraMigrationException">DumpFailed, and the errors of <see cref="CallAsync"/>.</exception>
    internal async Task<string> DumpAsync(IEnumerable<string> options, string? source, CancellationToken cancellationToken)
    {
        const string doing = "the dump";
        // Servers clean dumps by lines, also within values.
        var body = new JsonObject { ["opts"] = new JsonArray([.. options.Select(o => JsonValue.Create(o))]), ["clean_output"] = false };
        if (source is not null)
        {
            body["source"] = source;
        }

        var bytes = System.Text.Encoding.UTF8.GetBytes(body.ToJsonString(JsonText.Compact));
        var answer = await _retries.ExecuteAsync(
            async token =>
            {
                var read = await SendAsync(_connection.ApiPaths.PgDump, bytes, doing, limit: null, token).ConfigureAwait(false);
                return read.IsOfGateway ? throw Errors.Refused(read, doing) : read;
            },
            cancellationToken).ConfigureAwait(false);
        return answer.IsSuccess && answer.ContentType is not "text/html" ? answer.Text : throw Errors.DumpRefused(answer, doing);
    }

    /// <summary>Sends a request of GraphQL as a role.</summary>
    /// <param name="query">The request.</param>
    /// <param name="role">The role; the admin secret lets a request choose one.</param>
    /// <param name="isBackend">Asks for permissions of backends.</param>
    /// <param name="isRelay">Asks the endpoint of Relay.</param>
    /// <param name="cancellationToken">Ends the wait for an answer.</param>
    /// <exception cref="HasuraMigrationException">ApiSchemaRefused, and the errors of <see cref="CallAsync"/>.</exception>
    internal async Task<JsonNode?> AskAsync(string query, string role, bool isBackend, bool isRelay, CancellationToken cancellationToken)
    {
        var body = System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["query"] = query }.ToJsonString(JsonText.Compact));
        var doing = $"the introspection of the role '{role}'";
        (string, string)[] headers = isBackend ? [(RoleHeader, role), (BackendHeader, "true")] : [(RoleHeader, role)];
        var answer = await _retries.ExecuteAsync(async token => Json(await SendAsync(isRelay ? RelayPath : _connection.ApiPaths.GraphQL, body, doing, Patience, token, headers).ConfigureAwait(false), doing), cancellationToken).ConfigureAwait(false);
        return answer.Get("errors").AsObjects().Select(e => e["message"].AsText()).FirstOrDefault() is { } message
            ? throw new HasuraMigrationException("ApiSchemaRefused", $"{Description} refused {doing}: {message}", Description)
            : answer;
    }

    /// <summary>Asks whether the server lives and its metadata database answers. Objects that do not fit are no matter here.</summary>
    /// <exception cref="HasuraMigrationException">ServerNotReady, and the errors of <see cref="CallAsync"/>.</exception>
    public async Task CheckHealthAsync(CancellationToken cancellationToken)
    {
        const string doing = "the health check";
        var answer = await SendAsync(_connection.ApiPaths.Health, null, doing, Patience, cancellationToken).ConfigureAwait(false);
        if (answer.IsOfGateway)
        {
            throw Errors.Refused(answer, doing);
        }

        if (!answer.IsSuccess)
        {
            throw Errors.Sick(answer);
        }
    }

    /// <summary>What the server says its version is; null where it does not say.</summary>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="CallAsync"/>.</exception>
    public async Task<string?> ReadVersionAsync(CancellationToken cancellationToken)
    {
        const string doing = "the version request";
        var answer = await _retries.ExecuteAsync(async token =>
        {
            var read = await SendAsync(_connection.ApiPaths.Version, null, doing, Patience, token).ConfigureAwait(false);
            return read.IsOfGateway ? throw Errors.Refused(read, doing) : read;
        }, cancellationToken).ConfigureAwait(false);
        return answer.Status == (int)HttpStatusCode.NotFound ? null : Json(answer, doing).Get("version").AsText() ?? throw Errors.Foreign(answer, doing);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The first export, which also identifies the version of the server. Later exports are not kept.</summary>
    internal async Task<JsonNode?> ExportFirstAsync(CancellationToken cancellationToken)
    {
        var version = await ReadVersionAsync(cancellationToken).ConfigureAwait(false);
        JsonNode? export;
        try
        {
            export = await CallAsync(Export2, cancellationToken).ConfigureAwait(false);
        }
        catch (HasuraServerException e) when (e.ErrorId == "ServerApiMissing")
        {
            export = await CallAsync(Export1, cancellationToken).ConfigureAwait(false);
        }
        catch (HasuraServerException e) when (e.Code == "parse-failed")
        {
            throw Errors.Unsupported(version, "its metadata has no resource version");
        }

        Capabilities = (export.Get("resource_version"), (export.Get("metadata") ?? export).Get("version")?.ToJsonString()) switch
        {
            (not null, "3") => new ServerCapabilities(version, 3),
            (null, null or "1") => new ServerCapabilities(version, 1),
            (null, "2") => new ServerCapabilities(version, 2),
            var (_, other) => throw Errors.Unsupported(version, $"its metadata is of version {other}"),
        };
        return export;
    }

    /// <summary>An export of a server of version 2.</summary>
    internal static ServerCommand Export2 { get; } = new(ServerApi.Metadata, "export_metadata") { Version = 2, IsRead = true };

    /// <summary>An export of a server of version 1.</summary>
    internal static ServerCommand Export1 { get; } = new(ServerApi.Query, "export_metadata") { IsRead = true };

    private JsonNode? Json(ServerAnswer answer, string doing) =>
        !answer.IsSuccess ? throw Errors.Refused(answer, doing)
        : answer.TryRead(out var json) ? json
        : throw Errors.Foreign(answer, doing);

    private async Task<ServerAnswer> SendAsync(string path, byte[]? body, string doing, TimeSpan? limit, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (limit is { } time)
        {
            clock.CancelAfter(time);
        }

        try
        {
            return await FollowAsync(Address(path), body, doing, headers, clock.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && clock.IsCancellationRequested)
        {
            throw Errors.TimedOut(limit!.Value, doing);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(null, e, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw Errors.Broken(e, doing);
        }
    }

    private async Task<ServerAnswer> FollowAsync(Uri address, byte[]? body, string doing, (string Name, string Value)[] headers, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            var answer = await ExchangeAsync(address, body, headers, cancellationToken).ConfigureAwait(false);
            if (!answer.IsRedirect)
            {
                return answer;
            }

            var to = answer.Location is { } location ? new Uri(address, location) : null;
            // Only what keeps the method may be followed with a body, and only where the secret may go.
            if (to is null || !IsSameOrigin(to) || redirects == MostRedirects || (body is not null && answer.Status is not (307 or 308)))
            {
                throw Errors.Redirected(answer, to, doing);
            }

            address = to;
        }
    }

    private async Task<ServerAnswer> ExchangeAsync(Uri address, byte[]? body, (string Name, string Value)[] headers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, address);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (_connection.RevealAdminSecret() is { } secret)
        {
            request.Headers.TryAddWithoutValidation(HasuraServerConnection.AdminSecretHeader, secret);
        }

        foreach (var (name, value) in _connection.RevealHeaders().Where(h => !Array.Exists(headers, o => string.Equals(o.Name, h.Key, StringComparison.OrdinalIgnoreCase))).Select(h => (h.Key, h.Value)).Concat(headers))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return new ServerAnswer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers.Location, bytes);
    }

    // As Hasura's CLI joins them: slashes that are doubled or trail are left out.
    private Uri Address(string path) =>
        new($"{_connection.Endpoint.GetLeftPart(UriPartial.Authority)}/{string.Join('/', $"{_connection.Endpoint.AbsolutePath}/{path}".Split('/', StringSplitOptions.RemoveEmptyEntries))}");

    private bool IsSameOrigin(Uri to) =>
        Uri.Compare(to, _connection.Endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
