using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;

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

    /// <summary>Takes note of what a request wrote.</summary>
    internal void Written(ServerOutcome outcome)
    {
        HasWritten = true;
        Scripts.Serial = Math.Max(Scripts.Serial, outcome.Serial);
        Scripts.Prelude.Clear();
    }

    /// <summary>Refuses a run that would have to create a schema and may not.</summary>
    /// <param name="probe">What the database has.</param>
    /// <param name="schema">The schema; null where there is none to create.</param>
    /// <exception cref="HasuraMigrationException">HistoryWriteDenied.</exception>
    internal void RequireSchema(DatabaseProbe probe, string? schema)
    {
        if (schema is not null && !probe.MayCreate)
        {
            throw new HasuraMigrationException("HistoryWriteDenied", $"Role '{probe.Role}', with which {Description} connects, may not create the schema {schema}. To grant it: GRANT CREATE ON DATABASE ... TO {SqlName.Quote(probe.Role)};", Database);
        }
    }

    internal void Warn(string id, FindingSeverity severity, string message) =>
        Observer.Warned(new Finding { Id = id, Severity = severity, Message = message, Database = Database });
}
