using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>What every part of one run through a server needs.</summary>
internal sealed class ServerRunContext : RunRecorder
{
    internal ServerRunContext(string database, RunOptions options, IRunObserver observer, HasuraClient client, ServerSource source)
        : base(database, options, observer)
    {
        Client = client;
        Sql = new ServerSql(client, source);
        Scripts = new ServerScripts(this);
    }

    internal HasuraClient Client { get; }

    internal ServerSql Sql { get; }

    internal ServerScripts Scripts { get; }

    internal ServerSource Source => Sql.Source;

    internal string Description => Source.Name is null ? Client.Description : $"source '{Source.Name}' of {Client.Description}";

    internal void Warn(string id, FindingSeverity severity, string message) =>
        Observer.Warned(new Finding { Id = id, Severity = severity, Message = message, Database = Database });
}
