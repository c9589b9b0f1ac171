using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands that only a running server can carry out; they are known, and refused with the reason.</summary>
internal static class ServerOnlyCommands
{
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["introspect_remote_schema"] = "it asks the remote schema over HTTP",
        ["test_webhook_transform"] = "it evaluates templates, which is done when webhooks are called",
        ["dump_internal_state"] = "it shows the state of the process",
        ["cleanup_event_trigger_logs"] = "logs are cleaned by the server's own workers",
        ["test_connection_template"] = "connection templates are evaluated with a request",
        ["get_source_kind_capabilities"] = "it asks a data connector",
        ["get_table_info"] = "the form of its answer is the server's own",
    };

    /// <summary>Says that a command needs a server; null for any other.</summary>
    /// <param name="name">The command, without a prefix.</param>
    internal static MetadataCommandException? Find(string name) =>
        Reasons.TryGetValue(name, out var reason) ? new MetadataCommandException("not-supported", $"{name} needs a running server: {reason}") : null;
}
