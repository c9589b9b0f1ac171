using System.Runtime.InteropServices;
using HasuraMigrations.TestServer;

// Usage: dotnet run --project tests/HasuraMigrations.TestServer -- --postgres URL [--port N] [--api v1|v2] [--admin-secret S]
//            [--version V] [--source NAME=URL ...] [--kind NAME=KIND ...] [--fault FAULT]
string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

if (Option("--postgres") is not { } postgres)
{
    Console.Error.WriteLine("Usage: --postgres URL [--port N] [--api v1|v2] [--admin-secret S] [--version V] [--source NAME=URL ...] [--kind NAME=KIND ...] [--fault FAULT]");
    return 2;
}

Dictionary<string, string> Table(string name) => args.Zip(args.Skip(1)).Where(p => p.First == name).Select(p => p.Second.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);

var options = new TestServerOptions
{
    Postgres = postgres,
    Port = int.Parse(Option("--port") ?? "8080"),
    Api = Enum.Parse<HasuraApi>(Option("--api") ?? "v2", ignoreCase: true),
    AdminSecret = Option("--admin-secret"),
    Version = Option("--version"),
    Sources = Table("--source"),
    Kinds = Table("--kind"),
    Fault = Option("--fault") is { } fault ? TestFault.Parse(fault) : null,
};

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
