using System.Management.Automation;
using System.Text.Json.Nodes;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Sends commands of Hasura's metadata and query API to a server, or carries them out on a database, and writes the answer.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HasuraMetadataApi", SupportsShouldProcess = true, DefaultParameterSetName = "Type")]
[OutputType(typeof(System.Collections.Specialized.OrderedDictionary))]
public sealed class InvokeHasuraMetadataApiCommand : HasuraMetadataCmdlet
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

        IReadOnlyList<JsonObject> sent = Bulk
            ? [new JsonObject { ["type"] = "bulk", ["args"] = new JsonArray([.. _commands]) }]
            : _commands;
        WithTarget(OpenProjectOrNone(isNeeded: false), async (target, cancellationToken) =>
        {
            foreach (var body in sent)
            {
                if (!await OnPipelineAsync(() => Confirmed(target.Description, $"Send the command {body["type"]}")).ConfigureAwait(false))
                {
                    continue;
                }

                var answer = await target.ExecuteAsync(body, cancellationToken).ConfigureAwait(false);
                await OnPipelineAsync(() => WriteObject(MetadataObjects.ToObject(answer), enumerateCollection: true)).ConfigureAwait(false);
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
