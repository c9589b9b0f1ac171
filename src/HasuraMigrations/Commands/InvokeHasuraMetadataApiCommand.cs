using System.Management.Automation;
using System.Text.Json.Nodes;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Commands;

/// <summary>Sends commands of Hasura's metadata and query API to a server, and writes what it answers.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HasuraMetadataApi", SupportsShouldProcess = true, DefaultParameterSetName = "Type")]
[OutputType(typeof(System.Collections.Specialized.OrderedDictionary))]
public sealed class InvokeHasuraMetadataApiCommand : HasuraServerCmdlet
{
    private readonly List<JsonObject> _commands = [];

    /// <summary>Name of the command, such as <c>pg_track_table</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Type", HelpMessage = "Name of the command, such as pg_track_table.")]
    [ValidateNotNullOrEmpty]
    public string Type { get; set; } = "";

    /// <summary>Its arguments: a table, an object or JSON text.</summary>
    [Parameter(Position = 1, ParameterSetName = "Type", HelpMessage = "Its arguments: a table, an object or JSON text.")]
    public object? Arguments { get; set; }

    /// <summary>Whole commands with type and args: tables, objects or JSON text.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject", HelpMessage = "Whole commands with type and args.")]
    [ValidateNotNull]
    public object InputObject { get; set; } = "";

    /// <summary>Sends all commands of the pipeline as one bulk.</summary>
    [Parameter(ParameterSetName = "InputObject", HelpMessage = "Send all commands of the pipeline as one bulk.")]
    public SwitchParameter Bulk { get; set; }

    private protected override void OnRecord() => _commands.AddRange(ParameterSetName == "Type" ? [Single()] : MetadataObjects.ToCommands(InputObject));

    private protected override void OnEnd()
    {
        if (_commands.Count == 0)
        {
            return;
        }

        var server = FindServer();
        IReadOnlyList<JsonObject> sent = Bulk
            ? [new JsonObject { ["type"] = "bulk", ["args"] = new JsonArray([.. _commands]) }]
            : _commands;
        RunAsync(async cancellationToken =>
        {
            using var client = new HasuraClient(server);
            var found = await client.ProbeAsync(cancellationToken).ConfigureAwait(false);
            foreach (var body in sent)
            {
                var command = ServerCommand.Of(body, found);
                if (!await OnPipelineAsync(() => ShouldProcess(client.Description, $"Send the command {command.Type}")).ConfigureAwait(false))
                {
                    continue;
                }

                var answer = await client.CallAsync(command, cancellationToken).ConfigureAwait(false);
                await OnPipelineAsync(() => WriteObject(MetadataObjects.ToObject(answer))).ConfigureAwait(false);
            }
        });
    }

    private JsonObject Single()
    {
        var body = new JsonObject { ["type"] = Type };
        if (Arguments is not null)
        {
            body["args"] = MetadataObjects.ToNode(Arguments);
        }

        return body;
    }
}
