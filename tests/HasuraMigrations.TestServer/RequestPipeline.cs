using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.TestServer.Api;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace HasuraMigrations.TestServer;

/// <summary>Records a request, does its work and answers it, or does what a fault asks for.</summary>
internal sealed class RequestPipeline(TestServerOptions options, IHasuraApi api)
{
    private const string Json = "application/json; charset=utf-8";

    private readonly AdminCheck _admin = new(options);
    private readonly object _gate = new();

    internal ConcurrentQueue<RecordedRequest> Requests { get; } = new();

    internal ConcurrentQueue<(TestFault Fault, Func<RecordedRequest, bool> When)> Faults { get; } = new();

    internal async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new RecordedRequest(context.Request.Method, context.Request.Path + context.Request.QueryString, headers, await reader.ReadToEndAsync());
        Requests.Enqueue(request);
        await (FaultOf(request) is { } fault ? FailAsync(context, request, fault) : AnswerAsync(context, await WorkAsync(request)));
    }

    private async Task FailAsync(HttpContext context, RecordedRequest request, TestFault fault)
    {
        // The work outlives the connection, as in a server behind a gateway that gave up.
        var work = fault.Moment == FaultMoment.Before ? null : Task.Run(() => WorkAsync(request));
        if (fault.Moment == FaultMoment.After)
        {
            await work!;
        }

        switch (fault.Kind)
        {
            case FaultKind.Delay:
                await Task.Delay(fault.Number, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await AnswerAsync(context, await WorkAsync(request));
                break;
            case FaultKind.Gateway:
                await AnswerAsync(context, new Answer(fault.Number, "text/html", $"<html><head><title>{fault.Number} from a gateway</title></head><body>nginx</body></html>"));
                break;
            case FaultKind.Repeat:
                await AnswerAsync(context, await WorkAsync(request));
                await work!;
                break;
            case FaultKind.Swallow:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case FaultKind.Truncate:
                await TruncateAsync(context, await work!);
                break;
            case FaultKind.Conflict:
                await AnswerAsync(context, Answer.Of(new MetadataCommandException("conflict", "metadata resource version referenced (0) did not match current version", status: 409)));
                break;
            case FaultKind.Redirect:
                context.Response.Headers.Location = fault.Text;
                await AnswerAsync(context, new Answer(307, "text/html", ""));
                break;
            default:
                context.Abort();
                break;
        }
    }

    private async Task<Answer> WorkAsync(RecordedRequest request)
    {
        try
        {
            return await RouteAsync(request);
        }
        catch (MetadataCommandException e)
        {
            return Answer.Of(e);
        }
        catch (PostgresException e)
        {
            return Answer.Of(new MetadataCommandException("unexpected", "database query error", details: JsonValue.Create(e.MessageText), status: 500));
        }
        catch (Exception e) when (e is NpgsqlException or HasuraMigrationException)
        {
            return Answer.Of(new MetadataCommandException("unexpected", e.Message, status: 500));
        }
    }

    private async Task<Answer> RouteAsync(RecordedRequest request)
    {
        var path = request.Path.Split('?')[0];
        switch (request.Method, path)
        {
            case ("GET", "/v1/version"):
                return Answer.Of(new JsonObject { ["version"] = options.VersionText });
            case ("GET", "/healthz") or ("GET", "/hasura/healthz"):
                return await HealthAsync(request.Path.Contains("strict=true", StringComparison.Ordinal));
            case ("GET", "/v1alpha1/config"):
                _admin.Require(request, "$", "You have to be an admin to access this endpoint");
                return Answer.Of(Config());
            case ("POST", "/v1alpha1/pg_dump"):
                _admin.Require(request, "$", "You have to be an admin to access this endpoint");
                return new Answer(200, "application/sql", await PgDump.RunAsync(request.Json, api, options.Api == HasuraApi.V1, CancellationToken.None));
            case ("POST", "/v1/graphql") or ("POST", "/v1beta1/relay"):
                return await IntrospectAsync(request, path == "/v1beta1/relay");
            case ("POST", _) when api.Paths.Contains(path):
                _admin.Require(request, "$.args", "restricted access : admin only");
                return Answer.Of(await api.ExecuteAsync(path, CommandEnvelope.Read(request.Body), CancellationToken.None));
            default:
                throw Answers.NotFound();
        }
    }

    // Whatever is asked for, the answer is the introspection of the role; who has the admin secret may choose one.
    private async Task<Answer> IntrospectAsync(RecordedRequest request, bool isRelay)
    {
        var headers = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase);
        var role = headers.GetValueOrDefault("X-Hasura-Role") ?? "admin";
        headers.Remove("X-Hasura-Role");
        _admin.Require(request with { Headers = headers }, "$", "restricted access : admin only");
        var settings = ApiSettings.Of(options.Variables.Where(v => v.Key.StartsWith("HASURA_", StringComparison.Ordinal)).ToDictionary(), null) with { Era = MetadataEra.Of(options.VersionText), IsRelay = isRelay };
        var builder = new ApiSchemaBuilder(await api.DescribeAsync(CancellationToken.None), settings);
        using var answer = new MemoryStream();
        IntrospectionWriter.Write(builder.Build(role, headers.GetValueOrDefault("X-Hasura-Use-Backend-Only-Permissions") == "true"), answer);
        return new Answer(200, Json, Encoding.UTF8.GetString(answer.ToArray()));
    }

    private async Task<Answer> HealthAsync(bool isStrict)
    {
        try
        {
            return (await api.InconsistentAsync(CancellationToken.None)).Count == 0 ? new Answer(200, "text/plain", "OK")
                : isStrict ? new Answer(500, "text/plain", "ERROR: inconsistent objects in schema")
                : new Answer(200, "text/plain", "WARN: inconsistent objects in schema");
        }
        catch (NpgsqlException)
        {
            return new Answer(500, "text/plain", "ERROR");
        }
    }

    private JsonObject Config() => new()
    {
        ["version"] = options.VersionText,
        ["is_admin_secret_set"] = options.AdminSecret is not null,
        ["is_auth_hook_set"] = false,
        ["is_jwt_set"] = false,
        ["jwt"] = options.Api == HasuraApi.V1 ? null : new JsonArray(),
        ["is_allow_list_enabled"] = false,
        ["live_queries"] = new JsonObject { ["batch_size"] = 100, ["refetch_delay"] = 1 },
        ["console_assets_dir"] = null,
    };

    private TestFault? FaultOf(RecordedRequest request)
    {
        if (request.Headers.TryGetValue(TestFault.Header, out var text))
        {
            return TestFault.Parse(text);
        }

        lock (_gate)
        {
            return Faults.TryPeek(out var next) && next.When(request) && Faults.TryDequeue(out next) ? next.Fault : options.Fault;
        }
    }

    private static async Task AnswerAsync(HttpContext context, Answer answer)
    {
        var bytes = Encoding.UTF8.GetBytes(answer.Body);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task TruncateAsync(HttpContext context, Answer answer)
    {
        var bytes = Encoding.UTF8.GetBytes(answer.Body);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }

    private sealed record Answer(int Status, string ContentType, string Body)
    {
        internal static Answer Of(JsonNode body) => new(200, Json, body.ToJsonString());

        internal static Answer Of(MetadataCommandException error) => new(error.Status, Json, error.ToJson().ToJsonString());
    }
}
