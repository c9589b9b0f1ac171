using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Turns what went wrong with a request into errors with an id. What comes from outside is cleared of secrets.</summary>
internal sealed class ServerErrors(HasuraServerConnection connection)
{
    private const int ShortestSecret = 4;

    private readonly string _endpoint = connection.ToString();
    private readonly string[] _secrets = [.. connection.RevealHeaders().Values.Append(connection.RevealAdminSecret() ?? "").Where(s => s.Length >= ShortestSecret)];

    /// <summary>No answer came, or not the whole of it.</summary>
    internal HasuraServerException Broken(Exception e, string doing)
    {
        var error = (e as HttpRequestException)?.HttpRequestError ?? (e as HttpIOException)?.HttpRequestError;
        var why = Clean((e.InnerException ?? e).Message).TrimEnd('.');
        return error switch
        {
            HttpRequestError.ConfigurationLimitExceeded => new("ServerAnswerTooLarge", $"The response of {_endpoint} to {doing} is larger than {Limit.AnswerBytes.Value:N0} bytes.", _endpoint, e) { MayHaveRun = true },
            HttpRequestError.SecureConnectionError => Insecure(e, why, doing),
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => new("ServerUnreachable", $"{_endpoint} could not be reached for {doing}: {why}.", _endpoint, e),
            _ when e is OperationCanceledException => new("ServerUnreachable", $"{_endpoint} could not be reached for {doing}: no connection was established in time.", _endpoint, e),
            _ => new("ServerConnectionLost", $"The connection to {_endpoint} broke during {doing}: {why}.", _endpoint, e) { MayHaveRun = true },
        };
    }

    // Advice about certificates leads nowhere where the other side speaks no TLS at all, such as plain HTTP.
    private HasuraServerException Insecure(Exception e, string why, string doing)
    {
        const string Id = "ServerCertificateInvalid";
        var message = $"No secure connection to {_endpoint} could be established for {doing}: {why}.";
        return TlsFailure.IsOfCertificate(e)
            ? new HasuraServerException(Id, message, _endpoint, e)
            : new HasuraServerException(Id, message, _endpoint, e) { RecommendedAction = "If this port of the server has no TLS, write http:// in the endpoint. Otherwise check which TLS versions the server and the proxies in front of it accept." };
    }

    internal HasuraServerException TimedOut(TimeSpan limit, string doing) =>
        new("ServerTimeout", $"{_endpoint} did not answer {doing} within {limit.TotalSeconds:0.###} s.", _endpoint) { MayHaveRun = true };

    /// <summary>The work has ended, and its answer never came.</summary>
    internal HasuraServerException Unanswered() =>
        new("ServerConnectionLost", $"The work sent to {_endpoint} has finished, but no response arrived.", _endpoint) { MayHaveRun = true };

    internal HasuraServerException Redirected(ServerAnswer answer, Uri? to, string doing) =>
        new("ServerRedirected", $"{_endpoint} answered {doing} with a redirect {(to is null ? "without a location" : $"to {Clean(to.GetLeftPart(UriPartial.Authority))}")}, which is not followed.", _endpoint) { Status = answer.Status };

    /// <summary>The server answers, but says that it is not well.</summary>
    internal HasuraServerException Sick(ServerAnswer answer) =>
        new("ServerNotReady", $"{_endpoint} is not ready: {Clean(answer.Describe())}.", _endpoint) { Status = answer.Status };

    /// <summary>An answer that is not Hasura's.</summary>
    internal HasuraServerException Foreign(ServerAnswer answer, string doing) => answer.IsOfGateway
        ? new("ServerGatewayFailed", $"A proxy answered {doing} instead of {_endpoint}: {Clean(answer.Describe())}.", _endpoint) { Status = answer.Status, MayHaveRun = true }
        : new("ServerAnswerInvalid", $"The response of {_endpoint} to {doing} did not come from Hasura: {Clean(answer.Describe())}.", _endpoint) { Status = answer.Status, MayHaveRun = true };

    /// <summary>An answer that is no success.</summary>
    internal HasuraServerException Refused(ServerAnswer answer, string doing)
    {
        if (!answer.TryRead(out var body) || body.Get("error").AsText() is not { } text || body.Get("code").AsText() is not { } said)
        {
            return Foreign(answer, doing);
        }

        var code = Clean(said);
        var path = body.Get("path").AsText() is { } place ? Clean(place) : null;
        var cause = Cause(body.Get("internal"));
        var sqlState = cause.Get("status_code").AsText();
        var words = Clean(cause.Get("message").AsText() is { } message ? $"{text}: {sqlState}: {message}" : text).ReplaceLineEndings(" ").TrimEnd('.');
        var (id, sentence) = (answer.Status, code) switch
        {
            (401, _) or (_, "access-denied") => ("AdminSecretRejected", $"{_endpoint} denied {doing}: {words}."),
            (404, "not-found") when text == "resource does not exist" => ("ServerApiMissing", $"{_endpoint} has no API for {doing}: {words}."),
            (409, _) => ("MetadataConflict", $"The metadata on {_endpoint} was changed by another writer: {words}."),
            (_, "unexpected") when text.Contains("inconsistent metadata", StringComparison.Ordinal) => ("MetadataInconsistent", $"{_endpoint} refused {doing}: {words}."),
            _ => ("ServerError", $"{_endpoint} refused {doing}: {words} ({code} at {path})."),
        };
        var inconsistencies = id == "MetadataInconsistent" ? InconsistencyReading.Read(body.Get("internal")) : [];
        return new HasuraServerException(id, sentence + InconsistencyReading.Describe(inconsistencies, Clean), _endpoint)
        {
            Status = answer.Status,
            Code = code,
            Path = path,
            SqlState = sqlState is null ? null : Clean(sqlState),
            DatabaseMessage = cause.Get("message").AsText() is { } reason ? Clean(reason) : null,
            DatabaseHint = cause.Get("hint").AsText() is { } hint ? Clean(hint) : null,
            // Servers of version 2 commit SQL before they look at the metadata.
            MayHaveRun = answer.Status >= 500,
            Internal = inconsistencies.Count > 0 ? Clean(body.Get("internal").ToText()) : null,
            Inconsistencies = inconsistencies,
        };
    }

    // What the database said stands in an object, or in a list with one.
    private static JsonNode? Cause(JsonNode? details) =>
        details is JsonArray list ? list.AsObjects().Select(o => o["error"]).FirstOrDefault(e => e is not null) : details.Get("error");

    /// <summary>An answer that is no dump.</summary>
    internal HasuraServerException DumpRefused(ServerAnswer answer, string doing)
    {
        var refused = answer.IsSuccess ? Foreign(answer, doing) : Refused(answer, doing);
        if (refused is not { ErrorId: "ServerError", Code: "unexpected" } || !answer.TryRead(out var body))
        {
            return refused;
        }

        // What the program wrote is behind the error or beside it, depending on the version.
        var more = body.Get("internal") is { } inner ? $" {Clean(inner.AsText() ?? inner.ToText())}" : "";
        var text = $"{Clean(body.Get("error").AsText() ?? "")}{more}".ReplaceLineEndings(" ").Trim();
        return new HasuraServerException("DumpFailed", $"{_endpoint} could not make the dump: {text}", _endpoint) { Status = answer.Status, Code = refused.Code };
    }

    /// <summary>The server is none this module can work with.</summary>
    internal HasuraServerException Unsupported(string? version, string why) =>
        new("ServerVersionUnsupported", $"{_endpoint}{(version is null ? "" : $" (version {Clean(version)})")} is not supported: {why}.", _endpoint);

    private string Clean(string text)
    {
        foreach (var secret in _secrets)
        {
            text = text.Replace(secret, "********", StringComparison.Ordinal);
        }

        return text;
    }
}
