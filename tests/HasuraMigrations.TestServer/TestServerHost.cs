using System.Collections.Concurrent;
using System.Net;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.TestServer.Api;
using HasuraMigrations.TestServer.Sql;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace HasuraMigrations.TestServer;

/// <summary>A server that speaks Hasura's API over a real database, for tests and for any client of Hasura.</summary>
public sealed class TestServerHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IHasuraApi _api;
    private readonly SqlRunner _runner;
    private readonly ConcurrentQueue<RecordedRequest> _requests;
    private readonly ConcurrentQueue<(TestFault Fault, Func<RecordedRequest, bool> When)> _faults;

    private TestServerHost(WebApplication app, IHasuraApi api, SqlRunner runner, RequestPipeline pipeline)
    {
        (_app, _api, _runner) = (app, api, runner);
        (_requests, _faults) = (pipeline.Requests, pipeline.Faults);
        Endpoint = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint { get; }

    /// <summary>Every request since the start or the last <see cref="Forget"/>, as they arrived.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>Starts a server; it answers when this returns.</summary>
    /// <exception cref="HasuraMigrationException">The database cannot be reached, or holds a catalog of another version.</exception>
    public static async Task<TestServerHost> StartAsync(TestServerOptions options, CancellationToken cancellationToken = default)
    {
        var runner = new SqlRunner(PostgresConnectionString.Read(options.Postgres).RevealConnectionString(), options);
        IHasuraApi api = options.Api == HasuraApi.V1 ? new VersionOneApi(options, runner) : new VersionTwoApi(options, runner);
        await api.PrepareAsync(cancellationToken);
        var pipeline = new RequestPipeline(options, api);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                if (options.Certificate is { } certificate)
                {
                    listen.UseHttps(certificate);
                }
            });
        });
        var app = builder.Build();
        app.Run(pipeline.HandleAsync);
        await app.StartAsync(cancellationToken);
        return new TestServerHost(app, api, runner, pipeline);
    }

    /// <summary>Makes the next request, or the next one with a command, go wrong.</summary>
    /// <param name="fault">A fault as <see cref="TestFault"/> writes it.</param>
    /// <param name="type">The command, such as <c>replace_metadata</c>, or a path; null for any request.</param>
    public void FaultNext(string fault, string? type = null) => FaultNext(fault, request => type is null || type == request.Type || type == request.Path);

    /// <summary>Makes the next request of a kind go wrong.</summary>
    /// <param name="fault">A fault as <see cref="TestFault"/> writes it.</param>
    /// <param name="when">True for a request it is meant for.</param>
    public void FaultNext(string fault, Func<RecordedRequest, bool> when) => _faults.Enqueue((TestFault.Parse(fault), when));

    /// <summary>Takes back faults that have not happened.</summary>
    public void Heal() => _faults.Clear();

    /// <summary>Begins the record anew.</summary>
    public void Forget() => _requests.Clear();

    /// <summary>Stops listening; work that goes on is waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
        if (_api is IAsyncDisposable api)
        {
            await api.DisposeAsync();
        }

        await _runner.DisposeAsync();
    }
}
