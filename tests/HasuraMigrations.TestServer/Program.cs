using System.Runtime.InteropServices;
using HasuraMigrations.TestServer;

// Usage: dotnet run --project tests/HasuraMigrations.TestServer -- --postgres URL [--port N] [--api v1|v2] [--admin-secret S]
//            [--version V] [--source NAME=URL ...] [--kind NAME=KIND ...] [--fault FAULT]
//        -- --many: one server for each line of standard input, see ManyServers
if (args is ["--many"])
{
    await using var servers = new ManyServers();
    await servers.RunAsync(Console.In, Console.Out);
    return 0;
}

if (ServerArguments.Parse(args) is not { } options)
{
    Console.Error.WriteLine("Usage: --postgres URL [--port N] [--api v1|v2] [--admin-secret S] [--version V] [--source NAME=URL ...] [--kind NAME=KIND ...] [--fault FAULT]");
    return 2;
}

await using var server = await TestServerHost.StartAsync(options);
Console.WriteLine($"Hasura's API {options.Api.ToString().ToLowerInvariant()} on {server.Endpoint}");
var stopped = new TaskCompletionSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
await stopped.Task;
return 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopped.TrySetResult();
}
